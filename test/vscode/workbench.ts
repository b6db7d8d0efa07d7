import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { hasBrowser, openBrowser } from './browser.ts';
import { installVsix, makeProfile, startServer, vscodeServer, type Server } from './server.ts';

const top = join(import.meta.dirname, '..', '..');

/** A real VS Code workbench in a real browser, with its own profile, data folder and copies of workspace folders. */
export interface Workbench {
  page: Page;
  context: BrowserContext;
  /** The first of `folders`. */
  workspace: string;
  folders: string[];
  dataFolder: string;
  /** The profile's folder, which is removed by `close`. */
  root: string;
  server: Server;
  /** VS Code's exit code of the in-host tests. It only resolves when `tests` were given. */
  ended: Promise<number>;
  /** What the extension host wrote to its console, newest last. */
  console: string[];
  /** Opens another window on the same server and workspace. */
  another(): Promise<Page>;
  close(): Promise<void>;
}

/** For a suite whose tests share one window and show a person's work in its order. */
export const inOneWindow = { shuffle: false } as const;

export interface Wanted {
  /** Folder with the initial content of the workspace. */
  workspace?: string;
  /** Several folders instead, by name, in one multi-root workspace. */
  roots?: Record<string, string>;
  /** VSIX to install first by command. Without one, the checkout is loaded as a development extension. */
  vsix?: string;
  settings?: Record<string, unknown>;
  /** False opens the workspace in Restricted Mode. */
  trusted?: boolean;
  /** CommonJS module whose `run()` is called in the extension host. */
  tests?: string;
  env?: NodeJS.ProcessEnv;
}

/** Returns the reason that no workbench can run on this machine; undefined when one can. */
export function missing(): string | undefined {
  if (!hasBrowser()) return 'no Chromium, Chrome or Edge on this machine';
  const server = vscodeServer();
  return 'reason' in server ? server.reason : undefined;
}

/** Opens a workbench and waits until it is drawn. */
export async function openWorkbench(wanted: Wanted = {}): Promise<Workbench> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'plx-'));
  const profile = makeProfile(root, wanted.settings ?? {}, wanted.env ?? {});
  const { folders, query } = makeWorkspace(root, wanted);
  if (wanted.vsix !== undefined) installVsix(profile, wanted.vsix);
  const server = await startServer(profile, wanted.trusted !== false);
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const close = async (): Promise<void> => {
    await browser.close().catch(() => undefined);
    spawnSync(process.execPath, [join(top, 'dist', 'plinth.js'), 'stop', '--data', profile.dataFolder]);
    server.kill();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const { ended, console } = await automation(context);
    const url = `http://127.0.0.1:${server.port}/?${query}`;
    const open = async (): Promise<Page> => openPage(context, url, developmentOf(root, server.port, wanted));
    const page = await open();
    const { dataFolder } = profile;
    const workspace = folders[0] ?? root;
    return { page, context, workspace, folders, dataFolder, root, server, ended, console, another: open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Copies the workspace folders below `root`. Returns `query` to open them in the browser workbench, and `open` for the command line. */
export function makeWorkspace(
  root: string,
  { workspace, roots }: Wanted,
): { folders: string[]; query: string; open: string } {
  const copies = Object.entries(roots ?? { workspace }).map(([name, source]) => {
    const folder = join(root, name);
    mkdirSync(folder);
    if (source !== undefined) cpSync(source, folder, { recursive: true, preserveTimestamps: true });
    return folder;
  });
  const first = copies[0] ?? root;
  if (roots === undefined) return { folders: copies, query: `folder=${encodeURIComponent(first)}`, open: first };
  const file = join(root, 'several.code-workspace');
  writeFileSync(file, JSON.stringify({ folders: copies.map((path) => ({ path })) }));
  return { folders: copies, query: `workspace=${encodeURIComponent(file)}`, open: file };
}

interface Location {
  scheme: string;
  authority: string;
  path: string;
}

interface Development {
  extensions: Location[];
  extensionTestsPath?: Location;
}

/** Returns what the workbench loads from folders. In-host tests need such a folder; beside a VSIX it is an empty extension. */
function developmentOf(root: string, port: number, { vsix, tests }: Wanted): Development | undefined {
  if (vsix !== undefined && tests === undefined) return undefined;
  const place = (path: string): Location => ({ scheme: 'vscode-remote', authority: `127.0.0.1:${port}`, path });
  const extensions = [place(vsix === undefined ? top : emptyExtension(root))];
  return { extensions, ...(tests === undefined ? {} : { extensionTestsPath: place(tests) }) };
}

function emptyExtension(root: string): string {
  const folder = join(root, 'empty');
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'empty', publisher: 'plinth', version: '0.0.1', engines: { vscode: '*' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** Provides two functions in the page by which VS Code reports the end of in-host tests, and what the host wrote. */
async function automation(context: BrowserContext): Promise<{ ended: Promise<number>; console: string[] }> {
  const console: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  await context.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  await context.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    console.push(`${type}: ${args.map(String).join(' ')}`);
  });
  return { ended, console };
}

async function openPage(context: BrowserContext, url: string, development: Development | undefined): Promise<Page> {
  const page = await context.newPage();
  if (development !== undefined) await page.addInitScript(inject, development as unknown as Record<string, unknown>);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  page.setDefaultTimeout(15_000);
  return page;
}

/**
 * Runs in the page and adds the extension under development to the page's own configuration. A page with a replaced response
 * instead of a loaded one would not be allowed to use this machine's sockets.
 */
function inject(development: Record<string, unknown>): void {
  const browser = globalThis as unknown as {
    self: unknown;
    top: unknown;
    document: { getElementById(id: string): { dataset: Record<string, string> } | null };
  };
  if (browser.self !== browser.top) return;
  const edit = (): boolean => {
    const meta = browser.document.getElementById('vscode-workbench-web-configuration');
    if (!meta) return false;
    const configuration = JSON.parse(meta.dataset['settings'] ?? '{}') as Record<string, unknown>;
    configuration['developmentOptions'] = development;
    meta.dataset['settings'] = JSON.stringify(configuration);
    return true;
  };
  const timer = setInterval(() => edit() && clearInterval(timer), 1);
}
