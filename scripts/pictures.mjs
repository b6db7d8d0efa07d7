// npm run pictures: the pictures of the README, taken by the tests from the real workbench.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const pictures = join(top, 'media', 'pictures');
mkdirSync(pictures, { recursive: true });
const run = (...args) =>
  spawnSync(process.execPath, args, { cwd: top, stdio: 'inherit', env: { ...process.env, PLINTH_PICTURES: pictures } })
    .status ?? 1;
process.exit(
  run(join(top, 'scripts', 'build.mjs')) ||
    run(join(top, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/vscode'),
);
