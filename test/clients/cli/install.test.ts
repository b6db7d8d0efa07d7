import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { temporary } from '../../support/daemon.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const place = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-install-')));
const checkout = join(place, 'checkout');
const npm = process.env['npm_execpath'];
const onWindows = process.platform === 'win32';

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}
let packed: Packed;

/** Uses a checkout of its own, because packing runs the build, and other tests run what is built here. */
beforeAll(() => {
  const samples = join('test', 'fixtures', 'samples');
  for (const part of [
    'daemon',
    'extension',
    'webview',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'docs',
    'README.md',
    'GLOSSARY.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'LICENSE',
    join(samples, 'sklearn/iris-script/outputs'),
    join(samples, 'xgboost/breast-cancer'),
  ])
    // prettier-ignore
    cpSync(join(top, part), join(checkout, part), { recursive: true });
  symlinkSync(join(top, 'node_modules'), join(checkout, 'node_modules'), 'junction');
  packed = pack(checkout);
  for (const name of ['better-sqlite3', 'node-addon-api']) pack(join(top, 'node_modules', name), '--ignore-scripts');
}, 120_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

function runNpm(args: string[], env: NodeJS.ProcessEnv = {}): string {
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const home = join(place, 'npm-home');
  const options = { cwd: place, env: { ...process.env, HOME: home, ...env }, encoding: 'utf8' as const };
  return execFileSync(command, [...first, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

function pack(folder: string, ...flags: string[]): Packed {
  const [made] = JSON.parse(runNpm(['pack', folder, '--json', '--pack-destination', place, ...flags])) as Packed[];
  return made!;
}

/** The environment of a new user: an empty HOME, and `node` on the path. */
function stranger(...first: string[]): { home: string; env: NodeJS.ProcessEnv } {
  const home = temporary();
  const PATH = [...first, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { PLINTH_DATA: _data, XDG_DATA_HOME: _xdg, ...kept } = process.env;
  return { home, env: { ...kept, HOME: home, PATH } };
}

/** Runs the command with its own daemon. Its list comes from SQLite. */
function use(command: string, first: string[] = []): { home: string } {
  const { home, env } = stranger();
  const plinth = (...args: string[]): string => execFileSync(command, [...first, ...args], { env, encoding: 'utf8' });
  onTestFinished(() => void spawnSync(command, [...first, 'stop'], { env }));
  plinth('register', join(checkout, 'test/fixtures/samples/sklearn/iris-script/outputs/v1/model.joblib'), '--model', 'iris'); // prettier-ignore
  expect(plinth('ls')).toContain('iris');
  expect(plinth('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  return { home };
}

test('npm pack builds a small package of what the command needs, and of nothing else', () => {
  const paths = packed.files.map(({ path }) => path);
  for (const needed of [
    'dist/plinth.js',
    'dist/command.js',
    'dist/lsp.js',
    'dist/copy-worker.js',
    'dist/webview/main.js',
  ])
    // prettier-ignore
    expect(paths).toContain(needed);
  expect(paths.filter((path) => /dist\/extension|sample|\.ts$|media/.test(path))).toEqual([]);
  expect(packed.size).toBeLessThan(2_000_000);
});

/** Pictures are left out because of their size; the page shows their descriptions. */
test('every page that a packed page links to is packed', () => {
  const paths = packed.files.map(({ path }) => path);
  const pages = paths.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) => {
    const targets = readFileSync(join(checkout, page), 'utf8').matchAll(/(?<!!)\[[^\]]+\]\((?![a-z]+:|#)([^)#]+)/g);
    return [...targets].map(([, target]) => ({ page, target: posix.join(posix.dirname(page), target!) }));
  });
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter(({ target }) => !paths.includes(target))).toEqual([]);
});

test('every file that the program refers to beside itself is packed', () => {
  const paths = packed.files.map(({ path }) => path);
  const parts = paths.filter((path) => /^dist\/[\w-]+\.js$/.test(path));
  const named = parts.flatMap((path) => {
    const references = readFileSync(join(checkout, path), 'utf8').matchAll(/"\.\/([\w-]+)(?:\.js|-worker\.ts)"/g);
    return [...references].map(([text, name]) => `dist/${name}${text.endsWith('.ts"') ? '-worker' : ''}.js`);
  });
  expect(named.filter((path) => path.endsWith('-worker.js')).length).toBeGreaterThan(7);
  expect(named.filter((path) => !paths.includes(path))).toEqual([]);
});

test.skipIf(onWindows)(
  'the file that npm link puts on the PATH runs, and starts its service',
  { timeout: 60_000 },
  () => {
    const bin = join(temporary(), 'bin');
    mkdirSync(bin);
    const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { bin: { plinth: string } };
    symlinkSync(join(checkout, manifest.bin.plinth), join(bin, 'plinth'));
    expect(statSync(join(bin, 'plinth')).mode & 0o111).toBe(0o111);
    use(join(bin, 'plinth'));
  },
);

test.skipIf(onWindows)('the packed package, installed for all of a machine, runs', { timeout: 60_000 }, () => {
  const prefix = join(temporary(), 'prefix');
  runNpm(['install', '--global', '--offline', '--prefix', prefix, ...tarballs()]);
  const { home } = use(join(prefix, 'bin', 'plinth'));
  const bin = join(home, '.local', 'share', 'plinth', 'bin');
  if (process.platform === 'linux') {
    const [name] = readdirSync(bin);
    expect(existsSync(join(bin, name!, 'node_modules', 'better-sqlite3', 'lib', 'index.js'))).toBe(true);
  }
});

test.skipIf(onWindows)('npx runs the packed package', { timeout: 60_000 }, () => {
  const { env } = stranger();
  const packages = tarballs().flatMap((file) => ['--package', file]);
  const flags = ['exec', '--yes', '--offline', ...packages, '--', 'plinth', 'help', 'promote'];
  expect(runNpm(flags, { PATH: env['PATH'] })).toMatch(/^Usage: plinth promote/);
});

function tarballs(): string[] {
  return readdirSync(place)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(place, name));
}

test('an old Node is answered with one sentence', () => {
  const launcher = join(checkout, 'dist', 'plinth.js');
  for (const version of ['14.21.3', '20.20.2', '22.14.0']) {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, launcher, 'ls'],
      { encoding: 'utf8' },
    );
    expect({ version, status, stdout }).toEqual({ version, status: 69, stdout: '' });
    expect(stderr).toMatch(/^plinth: Plinth needs Node 22\.15 or newer, and this is Node [\d.]+; [^\n]+\.\n$/);
  }
  const text = readFileSync(launcher, 'utf8');
  expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(text).not.toMatch(/^import |\bawait\b|\?\.|\?\?/m);
});
