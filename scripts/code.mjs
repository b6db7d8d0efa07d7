// npm run code: opens the extension on a sample workspace in your own VS Code, or in the browser workbench where that
// is not installed.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const workspace = join(top, '.plinth', 'workspace');
const windows = process.platform === 'win32';

if (spawnSync(process.execPath, [join(top, 'scripts', 'build.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
rmSync(workspace, { recursive: true, force: true });
mkdirSync(workspace, { recursive: true });
cpSync(join(top, 'dist', 'sample'), join(workspace, 'outputs'), { recursive: true });

const found = spawnSync('code', ['--version'], { shell: windows }).status === 0;
if (found) spawnSync('code', ['--extensionDevelopmentPath', top, workspace], { stdio: 'inherit', shell: windows });
else browse();

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
  ];
  const child = spawn(process.execPath, [...server, ...network], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk) => {
    const port = /http:\/\/[\w.]+:(\d+)/.exec(chunk.toString())?.[1];
    if (port)
      console.log(
        `Open http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)} in a browser. Ctrl+C stops it.`,
      );
  });
}

/** The browser workbench takes the extension as a VSIX. */
function install(server) {
  const packed = spawnSync(process.execPath, [join(top, 'scripts', 'package.mjs')], { encoding: 'utf8', cwd: top });
  const vsix = /^\S+\.vsix/m.exec(packed.stdout)?.[0];
  if (!vsix) process.exit(1);
  spawnSync(process.execPath, [...server, '--accept-server-license-terms', '--install-extension', join(top, vsix)], {
    stdio: 'ignore',
  });
}
