// npm run package: a VSIX for this platform. -- --all: one for each platform, and a universal one. Each contains the bundles,
// media and texts, and of better-sqlite3 its JavaScript and the target's binary.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));

/** VS Code's name of each platform, and better-sqlite3's. */
const platforms = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linuxmusl-x64',
  'alpine-arm64': 'linuxmusl-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};

/** The universal VSIX leaves out Alpine, which has its own, since each binary is a megabyte. */
const universal = Object.values(platforms).filter((name) => !name.startsWith('linuxmusl'));

const all = process.argv.includes('--all');
/** Built into a temporary folder, so that a program running from dist/ keeps its files. */
const built = mkdtempSync(join(tmpdir(), 'plinth-dist-'));
run(process.execPath, [join(top, 'scripts', 'build.mjs'), '--minify', '--out', built], top);
for (const target of all ? [...Object.keys(platforms), undefined] : [here()]) pack(target);
rmSync(built, { recursive: true, force: true });

/** Returns VS Code's name of this machine. Alpine is the Linux without glibc. */
function here() {
  const musl = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
  const target = `${musl ? 'alpine' : process.platform}-${process.arch}`;
  if (target in platforms) return target;
  console.error(`There is no VSIX for ${target}: better-sqlite3 has no binary for it.`);
  process.exit(1);
}

function pack(target) {
  const stage = mkdtempSync(join(tmpdir(), 'plinth-vsix-'));
  cpSync(built, join(stage, 'dist'), { recursive: true });
  for (const name of ['media', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.nls.json', 'l10n']) {
    if (existsSync(join(top, name))) cpSync(join(top, name), join(stage, name), { recursive: true });
  }
  cpSync(join(top, 'extension', 'api', 'plinth.d.ts'), join(stage, 'plinth.d.ts'));
  rmSync(join(stage, 'media', 'pictures'), { recursive: true, force: true });
  writeManifest(stage);
  copySqlite(stage, target === undefined ? universal : [platforms[target]]);
  writeFileSync(join(stage, '.vscodeignore'), '');
  const file = join(top, `${manifest.name}-${target ?? 'universal'}-${manifest.version}.vsix`);
  const vsce = join(top, 'node_modules', '@vscode', 'vsce', 'vsce');
  const flags = [
    'package',
    '--out',
    file,
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    ...(target === undefined ? [] : ['--target', target]),
  ];
  run(process.execPath, [vsce, ...flags], stage);
  rmSync(stage, { recursive: true, force: true });
  console.log(`${file.slice(top.length + 1)}  ${(statSync(file).size / 1e6).toFixed(2)} MB`);
}

/** Writes the manifest without anything that is only for development. */
function writeManifest(stage) {
  const { scripts, devDependencies: _devDependencies, files: _files, bin: _bin, type: _type, ...kept } = manifest;
  const hooks = { scripts: { 'vscode:uninstall': scripts['vscode:uninstall'] } };
  const engines = { vscode: manifest.engines.vscode };
  writeFileSync(join(stage, 'package.json'), JSON.stringify({ ...kept, ...hooks, type: 'module', engines }, null, 2));
}

function copySqlite(stage, binaries) {
  const from = join(top, 'node_modules', 'better-sqlite3');
  const to = join(stage, 'node_modules', 'better-sqlite3');
  mkdirSync(join(to, 'prebuilds'), { recursive: true });
  cpSync(join(from, 'lib'), join(to, 'lib'), { recursive: true });
  cpSync(join(from, 'LICENSE'), join(to, 'LICENSE'));
  for (const binary of binaries)
    cpSync(join(from, 'prebuilds', `${binary}.node`), join(to, 'prebuilds', `${binary}.node`));
  const { name, version, main, license } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(join(to, 'package.json'), JSON.stringify({ name, version, main, license }));
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  process.exit(1);
}
