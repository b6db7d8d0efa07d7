import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const everywhere = [
  'daemon/protocol',
  'daemon/shared',
  'daemon/errors.ts',
  'daemon/log.ts',
  'daemon/config.ts',
  'daemon/context.ts',
  'daemon/current-user.ts',
  'daemon/worker-thread.ts',
  'daemon/secrets',
  'daemon/file-reader.ts',
  'daemon/whole-file.ts',
];

/** What each place may import of ours, besides itself. The longest matching place counts. */
const allowed: Record<string, string[]> = {
  'daemon/protocol': [],
  'daemon/shared': ['daemon/protocol'],
  'daemon/formats': ['daemon/protocol/json.ts'],
  'daemon/errors.ts': ['daemon/protocol'],
  'daemon/log.ts': ['daemon/protocol'],
  'daemon/worker-thread.ts': [],
  'daemon/secrets': ['daemon/protocol/json.ts'],
  'daemon/file-reader.ts': [],
  'daemon/whole-file.ts': ['daemon/errors.ts'],
  'daemon/current-user.ts': [],
  'daemon/config.ts': [
    'daemon/protocol',
    'daemon/errors.ts',
    'daemon/current-user.ts',
    'daemon/ingest/timing.ts',
    'daemon/start-refusal.ts',
  ],
  'daemon/start-refusal.ts': ['daemon/errors.ts'],
  'daemon/context.ts': ['daemon/protocol', 'daemon/db', 'daemon/blobs', 'daemon/log.ts'],
  'daemon/db': everywhere,
  'daemon/blobs': everywhere,
  'daemon/git': ['daemon/file-reader.ts'],
  'daemon/registry': [...everywhere, 'daemon/formats', 'daemon/db', 'daemon/blobs', 'daemon/git'],
  'daemon/tracking': [...everywhere, 'daemon/formats', 'daemon/db', 'daemon/blobs'],
  'daemon/ingest': [
    ...everywhere,
    'daemon/formats',
    'daemon/db',
    'daemon/blobs',
    'daemon/git',
    'daemon/registry/register.ts',
  ],
  'daemon/api': [
    ...everywhere,
    'daemon/registry',
    'daemon/tracking',
    'daemon/blobs',
    'daemon/db',
    'daemon/ingest/door.ts',
  ],
  'daemon/client': [...everywhere, 'daemon/git', 'webview/protocol.ts'],
  'daemon/cli': [
    ...everywhere,
    'daemon/client',
    'daemon/lsp',
    'daemon/daemon.ts',
    'daemon/offline.ts',
    'daemon/restored.ts',
    'daemon/start-refusal.ts',
  ],
  'daemon/lsp': [
    ...everywhere,
    'daemon/client',
    'daemon/formats/plinth-yaml.ts',
    'daemon/formats/plinth-gates.ts',
    'daemon/formats/plinth-keys.ts',
  ],
  'daemon/main.ts': [...everywhere, 'daemon/cli'],
  daemon: ['daemon'],
  extension: [...everywhere, 'daemon/client', 'webview/protocol.ts'],
  webview: ['daemon/protocol', 'daemon/shared', 'daemon/client/view.ts', 'daemon/errors.ts'],
};

/** Packages that only one place may import. */
const reserved: Record<string, string> = {
  vscode: 'extension/',
  'better-sqlite3': 'daemon/db/',
  chokidar: 'daemon/ingest/watcher.ts',
  express: 'daemon/api/',
};

interface Source {
  path: string;
  text: string;
  imports: { target: string; typeOnly: boolean }[];
}

const sources = ['daemon', 'extension', 'webview'].flatMap((folder) => filesIn(join(top, folder))).map(parse);

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function parse(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'/gms)];
  const imports = found.map((match) => ({ target: resolve(file, String(match[2])), typeOnly: match[1] !== undefined }));
  return { path: name(file), text, imports };
}

function name(file: string): string {
  return relative(top, file).split(sep).join('/');
}

function resolve(file: string, target: string): string {
  return target.startsWith('.') ? name(join(dirname(file), target)) : target;
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

test('every import follows the table of who may import what', () => {
  const wrong = sources.flatMap((source) => {
    const place = Object.keys(allowed)
      .filter((known) => isIn(source.path, known))
      .toSorted((a, b) => b.length - a.length)[0];
    const may = [...(allowed[place ?? ''] ?? []), place ?? ''];
    const ours = source.imports.filter(({ target }) => /^(daemon|extension|webview)\//.test(target));
    return ours
      .filter(({ target }) => !may.some((known) => isIn(target, known)))
      .map(({ target }) => `${source.path} → ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('git is started in one place, which gives it no configuration of others', () => {
  const starters = sources.filter(({ text }) => /\b(spawn|exec|fork|run)\w*\(\s*['"`]git\b/.test(text));
  expect(starters.map(({ path }) => path)).toEqual(['daemon/git/run.ts']);
});

test('a package with one home is imported nowhere else', () => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter(({ target }) => reserved[target] !== undefined && !source.path.startsWith(reserved[target]))
      .map(({ target }) => `${source.path} → ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('no imports go round in a circle', () => {
  const graph = new Map(
    sources.map((source) => [source.path, source.imports.filter((one) => !one.typeOnly).map((one) => one.target)]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

test('no source file has more than 300 lines and no test more than 500', () => {
  const tests = filesIn(join(top, 'test')).filter((file) => !name(file).startsWith('test/fixtures'));
  const long = [
    ...sources.filter(({ text }) => text.split('\n').length > 301).map(({ path }) => path),
    ...tests.filter((file) => readFileSync(file, 'utf8').split('\n').length > 501).map(name),
  ];
  expect(long).toEqual([]);
});

test('no function has more than 50 lines', () => {
  const long = sources.flatMap(({ path, text }) =>
    functionsIn(text)
      .filter(({ lines }) => lines > 50)
      .map((one) => `${path}: ${one.head} (${one.lines})`),
  );
  expect(long).toEqual([]);
});

/** Top-level functions of a formatted file: from the line that begins one to the closing brace in the first column. */
function functionsIn(text: string): { head: string; lines: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const starts = /^(export )?(async )?function\*? |^(export )?const \w+ = (async )?\(/.test(line);
    const end = starts ? lines.findIndex((other, at) => at >= index && /^[})]/.test(other)) : -1;
    return end < 0 ? [] : [{ head: line.slice(0, 60), lines: end - index + 1 }];
  });
}

test('nobody writes any, a default export, a barrel or a drawer for odds and ends', () => {
  const wrong = sources.filter(
    ({ path, text }) =>
      /(: any\b|as any\b|<any>)/.test(text) ||
      /^export default/m.test(text) ||
      /^export \* from/m.test(text) ||
      /\/(index|utils?|helpers?|managers?|common|misc)\.ts$/.test(path),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

/** Who opens or reads files besides the one reader of what others write, and whose files those are. */
const readers: Record<string, string> = {
  'daemon/file-reader.ts': 'the reader itself',
  'daemon/blobs/copy.ts': 'makes blobs; sources are opened by the reader',
  'daemon/blobs/durable.ts': 'opens folders of the store to flush them',
  'daemon/blobs/hash.ts': 'hashes what the reader opened',
  'daemon/blobs/receiving.ts': 'makes blobs of what clients send',
  'daemon/blobs/sending.ts': 'reads blobs that the reader opened',
  'daemon/blobs/store.ts': 'reads blobs',
  'daemon/registry/series/series-worker.ts': 'reads blobs',
  'daemon/registry/tensors/blob-source.ts': 'reads blobs',
  'daemon/registry/tensors/elements.ts': 'reads blobs',
  'daemon/registry/called-files.ts': 'hashes what the reader opened',
  'daemon/ingest/lineage/data.ts': 'hashes what the reader opened',
  'daemon/ingest/lineage/table-shape.ts': 'reads a footer of what the reader opened',
  'daemon/ingest/lineage/process.ts': 'reads /proc',
  'daemon/ingest/writers.ts': 'reads /proc',
  'daemon/db/database.ts': 'its own data folder',
  'daemon/db/backup.ts': 'its own data folder',
  'daemon/db/lock.ts': 'its own data folder',
  'daemon/db/migration-copy.ts': 'its own data folder',
  'daemon/whole-file.ts': 'writes only; opens folders to flush them',
  'daemon/instance.ts': 'its own data folder',
  'daemon/client/discover.ts': 'its own data folder',
  'daemon/client/launch.ts': 'its own log',
  'daemon/client/placed.ts': 'its own program',
  'daemon/client/reproduce.ts': 'hashes what the reader opened',
  'daemon/cli/version.ts': 'its own program',
  'daemon/cli/backup.ts': 'copies a backup that the service made just now',
  'daemon/client/copy-blobs.ts': 'copies blobs, each only with the bytes that it is named by',
  'daemon/offline.ts': 'a backup that the user names on the command line',
  'daemon/registry/materialise.ts': 'lays out blobs',
  'daemon/api/pages.ts': 'its own pages',
  'daemon/cli/card.ts': 'a file that the user names on the command line',
  'daemon/cli/lock.ts': 'a file in the folder that the user names on the command line',
  'daemon/cli/stop.ts': 'reads /proc',
  'daemon/cli/heads.ts': 'a file that the user names on the command line',
  'daemon/client/old-service.ts': 'reads /proc',
  'daemon/git/lay-out.ts': 'copies an index that it made',
  'daemon/git/lfs.ts': 'hashes what the reader opened',
  'daemon/registry/verify/named-files.ts': 'reads blobs',
};
const opens =
  /\b(readFileSync|openSync|readSync|createReadStream|readFile|opendir|openAsBlob|cpSync|copyFileSync)\b|\bopen\b.*from 'node:fs\/promises'|from 'fs/;

test('files that others write are opened and read through the one reader', () => {
  const found = sources
    .filter(({ path, text }) => path.startsWith('daemon/') && opens.test(text))
    .map(({ path }) => path);
  expect(found.filter((path) => readers[path] === undefined)).toEqual([]);
  expect(Object.keys(readers).filter((path) => !found.includes(path))).toEqual([]);
});
