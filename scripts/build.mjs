// Bundles the daemon with its command line and worker threads into dist/.
import { build } from 'esbuild';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
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
  legalComments: 'none',
  logLevel: 'warning',
});
chmodSync(join(top, 'dist', 'plinth.js'), 0o755);
