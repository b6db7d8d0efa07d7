import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporary } from '../../support/daemon.ts';
import { barePython, interpreterIn, notRun, packageFolder, runScript, shown } from './python.ts';

const top = join(import.meta.dirname, '..', '..', '..');

/** Builds the wheel into a folder of its own. */
function buildWheel(...flags: string[]): string {
  const out = temporary();
  const script = join(top, 'scripts', 'python-wheel.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--out', out, ...flags], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return join(out, readdirSync(out).find((name) => name.endsWith('.whl')) ?? '');
}

test('the wheel that is written without tools has every module with its checksum, and is imported', async (context) => {
  const python = barePython(context);
  const wheel = buildWheel('--plain');
  const [members, wrong, version] = await shown(
    python,
    `
import base64, csv, hashlib, sys, zipfile
archive = zipfile.ZipFile(${JSON.stringify(wheel)})
show(sorted(archive.namelist()))
rows = list(csv.reader(archive.read("plinth-0.1.0.dist-info/RECORD").decode().splitlines()))
def digest(name): return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
show([name for name, hashed, size in rows if hashed and (hashed != digest(name) or int(size) != len(archive.read(name)))]
     + [name for name in archive.namelist() if name not in [row[0] for row in rows]])
show([plinth.__version__, plinth.__file__.startswith(${JSON.stringify(wheel)})])
`,
    { PYTHONPATH: wheel },
  );
  const modules = readdirSync(join(packageFolder, 'plinth')).filter((name) => !name.startsWith('__pycache__'));
  const info = ['METADATA', 'RECORD', 'WHEEL', 'top_level.txt'].map((name) => `plinth-0.1.0.dist-info/${name}`);
  expect(members).toEqual([...info, ...modules.map((name) => `plinth/${name}`)].toSorted());
  expect(wrong).toEqual([]);
  const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };
  expect(version).toEqual([manifest.version, true]);
});

test('pip installs the wheel without the network', { timeout: 120_000 }, async (context) => {
  const folder = temporary();
  if (spawnSync('python3', ['-m', 'venv', folder]).status !== 0) return notRun(context, 'this python3 has no pip');
  const python = interpreterIn(folder);
  const wheel = buildWheel();
  const install = ['-m', 'pip', 'install', '--no-index', '--no-deps', '--quiet', wheel];
  expect(spawnSync(python, install, { encoding: 'utf8' }).status).toBe(0);
  const { out } = await runScript(python, 'print(plinth.__file__)', { PYTHONPATH: '' });
  expect(out).toContain('site-packages');
});

test('the package is small and each of its files can be read at one sitting', () => {
  const files = readdirSync(join(packageFolder, 'plinth')).filter((name) => name.endsWith('.py'));
  const lines = files.map((name) => readFileSync(join(packageFolder, 'plinth', name), 'utf8').split('\n').length - 1);
  expect(lines.filter((count) => count > 400)).toEqual([]);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1200);
});
