// npm run code: opens the extension on a sample workspace in your own VS Code, or in the browser workbench when VS Code is not
// installed.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const workspace = join(top, '.plinth', 'workspace');
const windows = process.platform === 'win32';
/** The demonstration's own registry, the one of `npm start` and `npm run plinth`. */
const env = { ...process.env, PLINTH_DATA: join(top, '.plinth', 'data') };

if (spawnSync(process.execPath, [join(top, 'scripts', 'build.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
rmSync(workspace, { recursive: true, force: true });
mkdirSync(workspace, { recursive: true });
cpSync(join(top, 'dist', 'sample'), join(workspace, 'outputs'), { recursive: true });

const found = spawnSync('code', ['--version'], { shell: windows }).status === 0;
if (found) {
  const wanted = [`--extensionDevelopmentPath=${top}`, '--new-window', workspace];
  spawnSync('code', wanted, { stdio: 'inherit', shell: windows, env });
} else browse();

function browse() {
  const { status, stdout } = spawnSync(process.execPath, [join(top, 'scripts', 'install-vscode.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  const extensions = join(top, '.plinth', 'extensions');
  const profile = join(top, '.plinth', 'profile');
  const server = [
    join(stdout.trim(), 'out', 'server-main.js'),
    '--server-data-dir',
    profile,
    '--user-data-dir',
    profile,
    '--extensions-dir',
    extensions,
  ];
  install(server);
  const network = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--without-connection-token',
    '--accept-server-license-terms',
    '--telemetry-level',
    'off',
    '--disable-workspace-trust',
  ];
  const child = spawn(process.execPath, [...server, ...network], { stdio: ['ignore', 'pipe', 'pipe'], env });
  // The server's messages about missing optional parts are not shown. Its last output is shown when it ends by itself.
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2000)));
  child.stdout.on('data', (chunk) => {
    const port = /http:\/\/[\w.]+:(\d+)/.exec(chunk.toString())?.[1];
    const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`;
    if (port) console.log(`Open ${url} in a browser. Ctrl+C stops it.`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    if (code) console.error(said);
    process.exit(code ?? 0);
  });
}

/** Installs the extension into the browser workbench, as a VSIX. */
function install(server) {
  const packed = spawnSync(process.execPath, [join(top, 'scripts', 'package.mjs')], { encoding: 'utf8', cwd: top });
  const vsix = /^\S+\.vsix/m.exec(packed.stdout)?.[0];
  if (!vsix) process.exit(1);
  spawnSync(process.execPath, [...server, '--accept-server-license-terms', '--install-extension', join(top, vsix)], {
    stdio: 'ignore',
  });
}
