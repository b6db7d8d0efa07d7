// Bundles the daemon with its command line and worker threads into dist/.
import { build } from 'esbuild';
import { chmodSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
const requireInEsm = `if (Number(process.versions.node.split('.')[0]) < 22) { console.error('plinth needs Node 22.15 or newer; this is ' + process.versions.node); process.exit(69); } import { createRequire as plinthRequire } from 'node:module'; const require = plinthRequire(import.meta.url);`;

rmSync(join(top, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: top,
  entryPoints: {
    plinth: 'daemon/main.ts',
    'copy-worker': 'daemon/blobs/copy-worker.ts',
    'inspect-worker': 'daemon/ingest/inspect-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.15',
  external: ['better-sqlite3'],
  define: { PLINTH_VERSION: JSON.stringify(version) },
  banner: { js: requireInEsm },
  minifySyntax: true,
  minify: process.argv.includes('--minify'),
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(join(top, 'dist', 'plinth.js'), 0o755);

await build({
  absWorkingDir: top,
  entryPoints: { extension: 'extension/extension.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22.15',
  external: ['vscode'],
  legalComments: 'none',
  logLevel: 'warning',
});

// The sample registry: real training output, small.
for (const [from, to] of [
  ['sklearn/iris-script/outputs', 'iris'],
  ['xgboost/breast-cancer', 'breast-cancer'],
]) {
  cpSync(join(top, 'test', 'fixtures', 'samples', from), join(top, 'dist', 'sample', to), { recursive: true });
}
