import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { scriptBytes } from '../support/script-bytes.ts';
import { row, type Row } from './place.ts';

const top = join(import.meta.dirname, '..', '..');

/** Measures the sizes of what people install: each platform's VSIX, the universal one, and the bundle that the extension host loads. */
export async function sizes(): Promise<Row[]> {
  const output = execFileSync(process.execPath, [join(top, 'scripts', 'package.mjs'), '--all'], {
    cwd: top,
    encoding: 'utf8',
  });
  const files = [...output.matchAll(/^\S+\.vsix/gm)].map(([file]) => ({ file, mb: bytes(file) / 1e6 }));
  const universal = files.find(({ file }) => file.includes('universal'))?.mb ?? NaN;
  const largest = Math.max(...files.filter(({ file }) => !file.includes('universal')).map(({ mb }) => mb));
  const hostKb = scriptBytes(join(top, 'dist', 'extension', 'extension.js')) / 1000;
  return Promise.resolve([
    row(`largest VSIX of ${files.length - 1} platforms`, '≤ 3 MB', `${largest.toFixed(2)} MB`, largest <= 3),
    row('universal VSIX', '≤ 9 MB', `${universal.toFixed(2)} MB`, universal <= 9),
    row('bundle in the extension host', '≤ 150 KB', `${hostKb.toFixed(0)} KB`, hostKb <= 150),
  ]);
}

function bytes(file: string): number {
  return statSync(join(top, file)).size;
}
