import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..', '..');

/** The folders of a VS Code of its own, and the environment it runs with. */
export interface Profile {
  /** Short, because VS Code puts sockets below it. */
  root: string;
  dataFolder: string;
  env: NodeJS.ProcessEnv;
}

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'terminal.integrated.cursorBlinking': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
};

let found: { main: string } | { reason: string } | undefined;

/** Returns the VS Code server, which is installed once when missing, or the reason that it is not available. */
export function vscodeServer(): { main: string } | { reason: string } {
  return (found ??= lookUp());
}

function lookUp(): { main: string } | { reason: string } {
  if (!process.versions.node.startsWith('24.'))
    return { reason: `the VS Code server needs Node 24, this is ${process.versions.node}` };
  const command = [join(top, 'scripts', 'install-vscode.mjs')];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 300_000 });
  const main = join(stdout.trim(), 'out', 'server-main.js');
  if (status === 0 && existsSync(main)) return { main };
  return { reason: stderr.trim().split('\n').at(-1) || 'the VS Code server could not be installed in 5 minutes' };
}

function serverMain(): string {
  const server = vscodeServer();
  if ('reason' in server) throw new Error(server.reason);
  return server.main;
}

/** Makes a new profile below `root`, with these settings added to quiet ones. */
export function makeProfile(root: string, wanted: Record<string, unknown>, env: NodeJS.ProcessEnv): Profile {
  const user = join(root, 'profile', 'User');
  mkdirSync(user, { recursive: true });
  writeFileSync(join(user, 'settings.json'), JSON.stringify({ ...settings, ...wanted }));
  const dataFolder = join(root, 'data');
  return { root, dataFolder, env: { ...cleanEnvironment(), HOME: root, PLINTH_DATA: dataFolder, ...env } };
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const unwanted = /^(VSCODE|ELECTRON|NODE_OPTIONS|VITEST|CODE_SERVER|XDG|PORT$|NO_COLOR|FORCE_COLOR)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
}

function commonArguments({ root }: Profile): string[] {
  const folder = join(root, 'profile');
  const extensions = join(root, 'extensions');
  return [
    '--server-data-dir',
    folder,
    '--user-data-dir',
    folder,
    '--extensions-dir',
    extensions,
    '--accept-server-license-terms',
  ];
}

/** Installs a VSIX with VS Code's command line, as a person does. */
export function installVsix(profile: Profile, vsix: string): void {
  const command = [serverMain(), ...commonArguments(profile), '--install-extension', vsix];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    env: profile.env,
    encoding: 'utf8',
    cwd: profile.root,
  });
  if (status !== 0) throw new Error(`the VSIX could not be installed: ${stdout}${stderr}`);
}

export interface Server {
  port: number;
  /** Returns what it has printed so far. */
  log(): string;
  /** Kills the server and everything it started, at once. */
  kill(): void;
}

/** Starts the server on a free port. It is killed when this process ends. */
export async function startServer(profile: Profile, trusted: boolean): Promise<Server> {
  const network = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--telemetry-level', 'off'];
  const trust = trusted ? ['--disable-workspace-trust'] : [];
  const command = [serverMain(), ...network, ...trust, ...commonArguments(profile)];
  const { env, root } = profile;
  const child = spawn(process.execPath, command, { env, cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => killGroup(child);
  process.once('exit', kill);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  for (let waited = 0; waited < 30_000 && child.exitCode === null; waited += 50) {
    const port = /http:\/\/[\w.]+:(\d+)/.exec(log)?.[1];
    if (port !== undefined) return { port: Number(port), log: () => log, kill };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  kill();
  throw new Error(`the VS Code server did not start: ${log.slice(-2000)}`);
}

function killGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    if (process.platform === 'win32') process.kill(pid);
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // it has already ended
  }
}
