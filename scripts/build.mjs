// Bundles into dist/, or into the folder after --out: the daemon with its command line and worker threads, the extension, and its pages.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const top = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'));
const given = process.argv.indexOf('--out');
const out = given < 0 ? join(top, 'dist') : process.argv[given + 1];
const requireInEsm = `import { createRequire as plinthRequire } from 'node:module'; const require = plinthRequire(import.meta.url);`;

rmSync(out, { recursive: true, force: true });
/**
 * Takes Node's HTTP module without its ES module form: that form reads every export, and one of them loads Node's whole client
 * for fetch and WebSocket, for 80 ms of CPU in each command.
 */
const plainHttp = {
  name: 'plain-http',
  setup(build) {
    build.onResolve({ filter: /^node:http$/ }, () => ({ path: 'http', namespace: 'plain-http' }));
    build.onLoad({ filter: /.*/, namespace: 'plain-http' }, () => ({
      contents: `module.exports = process.getBuiltinModule('node:http');`,
      loader: 'js',
    }));
  },
};
/**
 * Leaves out the tables of East Asian encodings, half a megabyte that the parser of request bodies brings along. Clients send UTF-8;
 * a body in such an encoding is refused as one in an encoding that nobody knows.
 */
const fewEncodings = {
  name: 'few-encodings',
  setup(build) {
    build.onLoad({ filter: /iconv-lite[\\/]encodings[\\/]dbcs-data\.js$/ }, () => ({
      contents: 'module.exports = {};',
    }));
  },
};
/** Options of what runs in Node by itself. */
const program = {
  absWorkingDir: top,
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.15',
  external: ['better-sqlite3'],
  plugins: [plainHttp, fewEncodings],
  define: { PLINTH_VERSION: JSON.stringify(version) },
  banner: { js: requireInEsm },
  minifySyntax: true,
  minify: process.argv.includes('--minify'),
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
};
// A command loads only what it needs: what is imported when it is needed stands in files of its own.
await build({
  ...program,
  entryPoints: {
    command: 'daemon/main.ts',
    lsp: 'daemon/clients/lsp/main.ts',
    mcp: 'daemon/clients/mcp/main.ts',
    complete: 'daemon/clients/completion/main.ts',
  },
  splitting: true,
  chunkNames: 'part-[hash]',
});
// A worker is one file, because a thread starts faster from one.
await build({
  ...program,
  entryPoints: {
    'backup-worker': 'daemon/db/backup/backup-worker.ts',
    'copy-worker': 'daemon/blobs/copy-worker.ts',
    'upload-worker': 'daemon/blobs/upload-worker.ts',
    'download-worker': 'daemon/blobs/download-worker.ts',
    'inspect-worker': 'daemon/ingest/inspect/inspect-worker.ts',
    'process-worker': 'daemon/ingest/executions/process-worker.ts',
    'lineage-worker': 'daemon/ingest/lineage/lineage-worker.ts',
    'report-worker': 'daemon/ingest/reports/report-worker.ts',
    'series-worker': 'daemon/registry/series/series-worker.ts',
    'verify-worker': 'daemon/registry/verify/verify-worker.ts',
    'tensor-worker': 'daemon/registry/tensors/tensor-worker.ts',
  },
});
writeLauncher();

// The extension loads what only some commands need, and its language client, when they are needed.
await build({
  absWorkingDir: top,
  entryPoints: { extension: 'extension/extension.ts', uninstall: 'extension/uninstall.ts' },
  outdir: join(out, 'extension'),
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.15',
  banner: { js: requireInEsm },
  external: ['vscode'],
  splitting: true,
  chunkNames: '[name]-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
});

// A page loads what only some pages need from `part/`, when it is needed.
await build({
  absWorkingDir: top,
  entryPoints: {
    main: 'webview/main.ts',
    browser: 'webview/browser/browser.ts',
    page: 'webview/components/page.css',
    theme: 'webview/browser/theme.css',
  },
  outdir: join(out, 'webview'),
  splitting: true,
  chunkNames: 'part/[hash]',
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2023',
  tsconfig: 'webview/tsconfig.json',
  legalComments: 'none',
  logLevel: 'warning',
});

// The sample registry: small real training output.
for (const [from, to] of [
  ['sklearn/iris-script/outputs', 'iris'],
  ['xgboost/breast-cancer', 'breast-cancer'],
]) {
  cpSync(join(top, 'test', 'fixtures', 'samples', from), join(out, 'sample', to), { recursive: true });
}

// The schema by which editors check a plinth.yaml.
const { plinthJsonSchema } = await import('../daemon/policy/schema.ts');
writeFileSync(join(out, 'plinth.schema.json'), `${JSON.stringify(plinthJsonSchema(), null, 2)}\n`);

// What the shell's completion offers, so that it does not load the commands.
const { commandEntry } = await import('../daemon/clients/cli/command-entry.ts');
writeFileSync(join(out, 'commands.json'), JSON.stringify(commandEntry()));

/**
 * Writes the file that npm links as `plinth`. It checks the version of Node before it imports anything, since the bundle cannot
 * be loaded by an old one, and is written so that any Node with modules can read it. It names the bundle's digest, so that copies
 * of the program can be distinguished by this file.
 */
function writeLauncher() {
  const [, least] = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).engines.node.split('>=');
  const [major, minor] = least.split('.');
  const digest = createHash('sha256')
    .update(readFileSync(join(out, 'command.js')))
    .digest('hex');
  const text = `#!/usr/bin/env node
// Plinth ${version}, bundle ${digest}
var node = process.versions.node.split('.').map(Number);
if (node[0] < ${major} || (node[0] === ${major} && node[1] < ${minor})) {
  console.error('plinth: Plinth needs Node ${least} or newer, and this is Node ' + process.versions.node + '; install a newer one from https://nodejs.org.');
  process.exitCode = 69;
} else import(process.argv[2] === '__complete' ? './complete.js' : './command.js');
`;
  writeFileSync(join(out, 'plinth.js'), text);
  chmodSync(join(out, 'plinth.js'), 0o755);
}
