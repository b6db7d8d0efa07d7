// npm run wheel: the Python package of daemon/clients/python as a wheel, in this folder or in that of -- --out FOLDER. Python's own
// tools build it if they are installed (build and setuptools); otherwise, or with --plain, it is written here, as a wheel is a zip
// with three more files. Neither needs the network.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'smol-toml';

const top = join(import.meta.dirname, '..');
const source = join(top, 'daemon', 'clients', 'python');
const at = process.argv.indexOf('--out');
const out = at < 0 ? top : resolve(process.argv[at + 1]);
const python = process.platform === 'win32' ? 'python' : 'python3';
const { project } = parse(readFileSync(join(source, 'pyproject.toml'), 'utf8'));
const version = /^__version__ = "([^"]+)"$/m.exec(readFileSync(join(source, 'plinth', '__init__.py'), 'utf8'))[1];
const name = `${project.name}-${version}-py3-none-any.whl`;

/** Packs members with one date, so that the same source gives the same bytes. */
const zip = `
import json, sys, zipfile
given = json.loads(sys.stdin.buffer.read())
with zipfile.ZipFile(given["path"], "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, text in given["members"]:
        member = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
        member.external_attr = 0o644 << 16
        member.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(member, text.encode())
`;

mkdirSync(out, { recursive: true });
rmSync(join(out, name), { force: true });
if (hasTools()) buildWithTools();
else write();
console.log(join(out, name));

function hasTools() {
  if (process.argv.includes('--plain')) return false;
  const script = 'import build, setuptools; assert int(setuptools.__version__.split(".")[0]) >= 61';
  return spawnSync(python, ['-c', script]).status === 0;
}

/** Builds in a copy, because setuptools leaves its files beside the source. */
function buildWithTools() {
  const copy = mkdtempSync(join(tmpdir(), 'plinth-wheel-'));
  for (const part of ['plinth', 'pyproject.toml', 'README.md'])
    cpSync(join(source, part), join(copy, part), { recursive: true, filter: (path) => !path.includes('__pycache__') });
  run(['-m', 'build', '--wheel', '--no-isolation', '--outdir', out, copy]);
  rmSync(copy, { recursive: true, force: true });
}

function write() {
  const info = `${project.name}-${version}.dist-info`;
  const modules = readdirSync(join(source, 'plinth')).filter((file) => /\.(py|typed)$/.test(file));
  const members = [
    ...modules.toSorted().map((file) => [`plinth/${file}`, readFileSync(join(source, 'plinth', file), 'utf8')]),
    [`${info}/METADATA`, metadata()],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: plinth\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
    [`${info}/top_level.txt`, 'plinth\n'],
  ];
  const record = members.map(([path, text]) => `${path},sha256=${hashOf(text)},${Buffer.byteLength(text)}`);
  members.push([`${info}/RECORD`, `${[...record, `${info}/RECORD,,`].join('\n')}\n`]);
  run(['-c', zip], JSON.stringify({ path: join(out, name), members }));
}

/** Returns the fields of pyproject.toml as core metadata. */
function metadata() {
  const fields = [
    'Metadata-Version: 2.1',
    `Name: ${project.name}`,
    `Version: ${version}`,
    `Summary: ${project.description}`,
    `License: ${project.license.text}`,
    ...project.classifiers.map((one) => `Classifier: ${one}`),
    `Requires-Python: ${project['requires-python']}`,
    'Description-Content-Type: text/markdown',
  ];
  return `${fields.join('\n')}\n\n${readFileSync(join(source, 'README.md'), 'utf8')}`;
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('base64url');
}

function run(args, input = '') {
  const { status, stdout, stderr, error } = spawnSync(python, args, { input, encoding: 'utf8' });
  if (status === 0) return;
  console.error(error ? `${python} cannot be started (${error.message}).` : `${stdout}${stderr}`);
  process.exit(1);
}
