import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

const top = join(import.meta.dirname, '..', '..');

/** A real VS Code workbench in a real browser, on a profile, a data folder and a copy of a workspace of its own. */
export interface Workbench {
  page: Page;
  context: BrowserContext;
  workspace: string;
  dataFolder: string;
  /** Another window on the same server and workspace. */
  another(): Promise<Page>;
  close(): Promise<void>;
}

const settings = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.openRepositoryInParentFolders': 'never',
};

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** Why no workbench can be had on this machine; undefined when one can. */
export function missing(): string | undefined {
  if (browserPath() === undefined) return 'no Chromium, Chrome or Edge on this machine';
  if (!process.versions.node.startsWith('24.'))
    return `the VS Code server needs Node 24, this is ${process.versions.node}`;
  return serverMain() === undefined ? 'the VS Code server could not be installed from the package registry' : undefined;
}

let found: string | null | undefined;

function serverMain(): string | undefined {
  if (found === undefined) {
    const { status, stdout } = spawnSync(process.execPath, [join(top, 'scripts', 'install-vscode.mjs')], {
      encoding: 'utf8',
      timeout: 300_000,
    });
    const main = join(stdout.trim(), 'out', 'server-main.js');
    found = status === 0 && existsSync(main) ? main : null;
  }
  return found ?? undefined;
}

function browserPath(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...places, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((path) => existsSync(path));
}

export interface Wanted {
  /** Folder whose content the workspace begins with. */
  workspace?: string;
  /** VSIX that is installed by command first; without it the checkout is loaded as a development extension. */
  vsix?: string;
  settings?: Record<string, unknown>;
}

export async function openWorkbench(wanted: Wanted = {}): Promise<Workbench> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'plx-'));
  const workspace = join(root, 'workspace');
  mkdirSync(workspace);
  if (wanted.workspace !== undefined) cpSync(wanted.workspace, workspace, { recursive: true });
  const profile = join(root, 'profile');
  mkdirSync(join(profile, 'User'), { recursive: true });
  writeFileSync(join(profile, 'User', 'settings.json'), JSON.stringify({ ...settings, ...wanted.settings }));
  const dataFolder = join(root, 'data');
  const env = cleanEnvironment(root, dataFolder);
  if (wanted.vsix !== undefined) installVsix(root, profile, wanted.vsix, env);
  const { server, port } = await startServer(root, profile, env);
  const browser = await chromium.launch({ executablePath: browserPath() ?? '', args: browserArguments });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`;
  const open = async (): Promise<Page> => openPage(context, url, `127.0.0.1:${port}`, wanted.vsix === undefined);
  const close = async (): Promise<void> => end(browser, server, dataFolder, root);
  try {
    return { page: await open(), context, workspace, dataFolder, another: open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function cleanEnvironment(root: string, dataFolder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE|ELECTRON|NODE_OPTIONS|VITEST|CODE_SERVER)/.test(name),
  );
  return { ...Object.fromEntries(kept), HOME: root, PLINTH_DATA: dataFolder };
}

function serverArguments(root: string, profile: string): string[] {
  return [
    '--server-data-dir',
    profile,
    '--user-data-dir',
    profile,
    '--extensions-dir',
    join(root, 'extensions'),
    '--accept-server-license-terms',
  ];
}

function installVsix(root: string, profile: string, vsix: string, env: NodeJS.ProcessEnv): void {
  const command = [serverMain() ?? '', ...serverArguments(root, profile), '--install-extension', vsix];
  const { status, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8', cwd: root });
  if (status !== 0) throw new Error(`the VSIX could not be installed: ${stderr}`);
}

async function startServer(
  root: string,
  profile: string,
  env: NodeJS.ProcessEnv,
): Promise<{ server: ChildProcess; port: number }> {
  const network = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--without-connection-token',
    '--telemetry-level',
    'off',
    '--disable-workspace-trust',
  ];
  const command = [serverMain() ?? '', ...network, ...serverArguments(root, profile)];
  const server = spawn(process.execPath, command, {
    env,
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  for (let waited = 0; waited < 30_000; waited += 50) {
    const port = /http:\/\/[\w.]+:(\d+)/.exec(log)?.[1];
    if (port !== undefined) return { server, port: Number(port) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the VS Code server did not start: ${log.slice(-2000)}`);
}

/** The workbench learns of the extension under development from its own page's configuration. */
async function openPage(context: BrowserContext, url: string, authority: string, development: boolean): Promise<Page> {
  const page = await context.newPage();
  if (development) await page.addInitScript(inject, { scheme: 'vscode-remote', authority, path: top });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  page.setDefaultTimeout(30_000);
  return page;
}

/** Runs in the page. */
function inject(extension: { scheme: string; authority: string; path: string }): void {
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
    configuration['developmentOptions'] = { extensions: [extension] };
    meta.dataset['settings'] = JSON.stringify(configuration);
    return true;
  };
  const timer = setInterval(() => edit() && clearInterval(timer), 1);
}

async function end(browser: Browser, server: ChildProcess, dataFolder: string, root: string): Promise<void> {
  await browser.close().catch(() => undefined);
  spawnSync(process.execPath, [join(top, 'dist', 'plinth.js'), 'stop', '--data', dataFolder]);
  try {
    process.kill(-(server.pid ?? 0), 'SIGKILL');
  } catch {
    // it is gone already
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** A row of one of our trees, by how its label begins. */
export function row(page: Page, name: string | RegExp): Locator {
  return page.locator('.part.sidebar').getByRole('treeitem', { name }).first();
}

export async function openModels(page: Page): Promise<void> {
  const tab = page.locator('.part.activitybar [role="tab"]').and(page.getByRole('tab', { name: /^Models/ }));
  await tab.waitFor({ timeout: 30_000 });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
}

/** Runs a command through the palette, as a person at the keyboard would. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget .quick-input-list .monaco-list-row').first().waitFor();
  await page.keyboard.type(title);
  await option(page, title).waitFor();
  await page.keyboard.press('Enter');
}

/** A row of the quick pick that is open. */
export function option(page: Page, text: string): Locator {
  return page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ hasText: text }).first();
}

/** Chooses in a quick pick as one does at the keyboard: types it, and Enter. */
export async function choose(page: Page, text: string): Promise<void> {
  await option(page, text).waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** Chooses from a row's context menu. Hovers are sent away first; a menu that has just opened takes no click for a moment. */
export async function menu(page: Page, on: Locator, item: RegExp): Promise<void> {
  await page.mouse.move(900, 400);
  await page.locator('.hover-contents').first().waitFor({ state: 'hidden' });
  await on.click({ button: 'right' });
  const entry = page.getByRole('menuitem', { name: item });
  await entry.waitFor();
  await page.waitForTimeout(400);
  await entry.click();
}
