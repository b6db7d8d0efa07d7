// npm run pictures: takes the pictures of the README. The tests take them in the real workbench with the packed extension.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const pictures = join(top, 'media', 'pictures');
mkdirSync(pictures, { recursive: true });

const packed = spawnSync(process.execPath, [join(top, 'scripts', 'package.mjs')], { cwd: top, encoding: 'utf8' });
const vsix = /^\S+\.vsix/m.exec(packed.stdout)?.[0];
if (vsix === undefined) {
  console.error(packed.stderr);
  process.exit(1);
}
const vitest = join(top, 'node_modules', 'vitest', 'vitest.mjs');
const files = [
  'test/vscode/ui.test.ts',
  'test/vscode/welcome.test.ts',
  'test/vscode/code.test.ts',
  'test/vscode/approvals.test.ts',
];
const env = { ...process.env, PLINTH_PICTURES: pictures, PLINTH_VSIX: join(top, vsix) };
const { status } = spawnSync(process.execPath, [vitest, 'run', '--no-file-parallelism', ...files], {
  cwd: top,
  stdio: 'inherit',
  env,
});
process.exit(status ?? 1);
