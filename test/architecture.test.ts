import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const everywhere = [
  'daemon/protocol',
  'daemon/shared',
  'daemon/runtime',
  'daemon/secrets',
  'daemon/errors.ts',
  'daemon/log.ts',
  'daemon/config.ts',
  'daemon/context.ts',
];

/**
 * The files of ours that each room may import, besides its own. The longest matching path applies. Imports go from the bottom of
 * this list to its top.
 */
const allowed: Record<string, string[]> = {
  'daemon/protocol': [],
  'daemon/shared': ['daemon/protocol'],
  'daemon/secrets': ['daemon/protocol/json.ts'],
  'daemon/formats': ['daemon/protocol/json.ts'],
  'daemon/errors.ts': ['daemon/protocol'],
  'daemon/log.ts': ['daemon/protocol'],
  'daemon/runtime': ['daemon/protocol', 'daemon/errors.ts', 'daemon/log.ts'],
  'daemon/config.ts': ['daemon/protocol', 'daemon/errors.ts', 'daemon/runtime'],
  'daemon/context.ts': ['daemon/protocol', 'daemon/db', 'daemon/blobs', 'daemon/log.ts'],
  'daemon/git': ['daemon/runtime/file-reader.ts'],
  'daemon/db': everywhere,
  'daemon/blobs': everywhere,
  'daemon/policy': [...everywhere, 'daemon/db', 'daemon/git'],
  'daemon/access': [...everywhere, 'daemon/db', 'daemon/git', 'daemon/policy'],
  'daemon/registry': [
    ...everywhere,
    'daemon/formats',
    'daemon/db',
    'daemon/blobs',
    'daemon/git',
    'daemon/policy',
    'daemon/access',
  ],
  'daemon/tracking': [...everywhere, 'daemon/formats', 'daemon/db', 'daemon/blobs'],
  'daemon/ingest': [
    ...everywhere,
    'daemon/formats',
    'daemon/db',
    'daemon/blobs',
    'daemon/git',
    'daemon/policy',
    'daemon/registry/versions/described-body.ts',
    'daemon/registry/versions/record-lineage.ts',
    'daemon/registry/versions/register.ts',
    'daemon/registry/versions/complete.ts',
  ],
  'daemon/webhooks': [...everywhere, 'daemon/db'],
  'daemon/api': [
    ...everywhere,
    'daemon/webhooks',
    'daemon/access',
    'daemon/policy',
    'daemon/registry',
    'daemon/tracking',
    'daemon/blobs',
    'daemon/db',
    'daemon/ingest/service.ts',
  ],
  'daemon/clients/client': [...everywhere, 'daemon/git', 'daemon/ingest/disk/project.ts'],
  'daemon/server': [
    ...everywhere,
    'daemon/access',
    'daemon/api/stream.ts',
    'daemon/blobs',
    'daemon/clients/client',
    'daemon/db',
    'daemon/ingest/service.ts',
    'daemon/registry',
  ],
  'daemon/clients/lsp': [...everywhere, 'daemon/clients/client', 'daemon/policy'],
  'daemon/clients/completion': [...everywhere, 'daemon/clients/client'],
  'daemon/clients/mcp': [...everywhere, 'daemon/clients/client', 'daemon/clients/lsp/references'],
  'daemon/clients/cli': [
    ...everywhere,
    'daemon/clients/client',
    'daemon/clients/mcp',
    'daemon/clients/completion',
    'daemon/clients/lsp',
    'daemon/daemon.ts',
    'daemon/server/offline.ts',
    'daemon/server/restored.ts',
  ],
  'daemon/main.ts': [...everywhere, 'daemon/clients/cli'],
  'daemon/daemon.ts': ['daemon'],
  'extension/agents': [
    'extension',
    ...everywhere,
    'daemon/clients/mcp/call-limit.ts',
    'daemon/clients/mcp/read-tools.ts',
    'daemon/clients/mcp/run-tool.ts',
    'daemon/clients/mcp/tool.ts',
    'daemon/clients/mcp/write-tools.ts',
  ],
  extension: [...everywhere, 'daemon/clients/client', 'webview/protocol.ts', 'webview/page-host'],
  webview: ['daemon/protocol', 'daemon/shared', 'daemon/errors.ts'],
};

/** Packages that may be imported in only one place. */
const reserved: Record<string, string> = {
  vscode: 'extension/',
  'better-sqlite3': 'daemon/db/',
  chokidar: 'daemon/ingest/watch/watcher.ts',
  express: 'daemon/api/',
  '@modelcontextprotocol/sdk/server/index.js': 'daemon/clients/mcp/',
};

interface Source {
  path: string;
  text: string;
  imports: { target: string }[];
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
  const found = [
    ...text.matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'/gms),
    ...text.matchAll(/\bimport\('([^']+)'\)/g),
  ];
  const imports = found.map((match) => ({ target: resolve(file, String(match[1])) }));
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
  expect(wrong, 'A room that imports downwards cannot be changed or tested without the rooms below it.').toEqual([]);
});

test('rows of artifacts are written by their state machine alone', () => {
  const writers = sources.filter(({ text }) => /\b(putArtifacts?|deleteArtifact|deleteArtifactsOfRoot)\(/.test(text));
  expect(writers.map(({ path }) => path).toSorted()).toEqual([
    'daemon/db/artifacts.ts',
    'daemon/ingest/artifact/artifact-state.ts',
  ]);
});

test('git is started in one place, which gives it no configuration of others', () => {
  const starters = sources.filter(({ text }) => /\b(spawn|exec|fork|run)\w*\(\s*['"`]git\b/.test(text));
  expect(
    starters.map(({ path }) => path),
    "A repository's own configuration can run any program: daemon/git/run.ts leaves it out.",
  ).toEqual(['daemon/git/run.ts']);
});

test('a package with one home is imported nowhere else', () => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter(({ target }) => reserved[target] !== undefined && !source.path.startsWith(reserved[target]))
      .map(({ target }) => `${source.path} → ${target}`),
  );
  expect(wrong, 'A package with one home can be replaced in one place.').toEqual([]);
});

test('SQL stays in daemon/db', () => {
  const wrong = sources.filter(
    ({ path, text }) =>
      !path.startsWith('daemon/db/') && /\bdb\.(sql|raw)\b|\.raw\.(transaction|prepare|exec|open|pragma)\b/.test(text),
  );
  expect(
    wrong.map(({ path }) => path),
    'A table can be changed only where all its statements are seen: add a function to daemon/db.',
  ).toEqual([]);
});

test('only the command line and the language server write to the console', () => {
  const writers = ['daemon/clients/cli/', 'daemon/clients/lsp/'];
  const wrong = sources.filter(
    ({ path, text }) => !writers.some((place) => path.startsWith(place)) && /\bconsole\./.test(text),
  );
  expect(
    wrong.map(({ path }) => path),
    'A service has a log and an extension has a channel: nobody reads their console.',
  ).toEqual([]);
});

test('no imports go round in a circle, not even those of types', () => {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports.map((one) => one.target)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  expect(circles, 'Files that need each other can only be understood together.').toEqual([]);
});

/** Folders of similar parts may hold as many files as there are parts. */
const parts = /\/(commands|recognisers|gates|readers)$/;

test('rooms do not import each other in a circle, and no folder holds more than 25 files', () => {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const from = roomOf(path);
    const known = graph.get(from) ?? new Set<string>();
    graph.set(from, known);
    for (const { target } of imports)
      if (/^(daemon|extension|webview)\//.test(target) && roomOf(target) !== from) known.add(roomOf(target));
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (room: string, trail: string[]): void => {
    if (trail.includes(room)) circles.push([...trail.slice(trail.indexOf(room)), room].join(' → '));
    if (trail.includes(room) || done.has(room)) return;
    for (const next of graph.get(room) ?? []) visit(next, [...trail, room]);
    done.add(room);
  };
  for (const room of graph.keys()) visit(room, []);
  expect(circles).toEqual([]);
  const floorsAbove = (room: string): number =>
    1 +
    Math.max(
      0,
      ...[...(graph.get(room) ?? [])]
        .filter((next) => next.startsWith('daemon/ingest/') && !next.endsWith('.ts'))
        .map(floorsAbove),
    );
  const ingest = [...graph.keys()].filter((room) => room.startsWith('daemon/ingest/') && !room.endsWith('.ts'));
  expect(Math.max(...ingest.map(floorsAbove)), 'A change on disk passes too many rooms of ingest.').toBeLessThanOrEqual(
    8,
  );
  const sizes = Map.groupBy(sources, ({ path }) => dirname(path));
  const full = [...sizes].filter(([folder, files]) => files.length > 25 && !parts.test(folder));
  expect(full.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([]);
});

/** Returns the room that a file belongs to. A file beside the rooms is a room by itself. */
function roomOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  if (folders.length < 2) return path;
  if (folders[1] === 'ingest' && folders.length === 2) return path;
  return folders.slice(0, ['clients', 'ingest'].includes(folders[1] ?? '') ? 3 : 2).join('/');
}

test('no source file has more than 400 lines and no test more than 500', () => {
  const tests = filesIn(join(top, 'test')).filter((file) => !name(file).startsWith('test/fixtures'));
  const long = [
    ...sources.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path),
    ...tests.filter((file) => readFileSync(file, 'utf8').split('\n').length > 501).map(name),
  ];
  expect(long).toEqual([]);
});

/** Folders of tests that have no matching folder in the source. */
const ownFolders = /^test\/(beside|bench|browser|container|faults|fixtures|mlflow|support|vscode|zoo)(\/|$)/;

test('each folder of tests has the name of the folder that it tests', () => {
  const folders = new Set(filesIn(join(top, 'test')).map((file) => dirname(name(file))));
  const found = [...folders].filter((folder) => folder !== 'test' && !ownFolders.test(folder));
  expect(found.length).toBeGreaterThan(20);
  const sourceOf = (folder: string): string[] => {
    const inner = folder.slice('test/'.length);
    return [join(top, 'daemon', inner), join(top, inner)];
  };
  expect(found.filter((folder) => !sourceOf(folder).some((place) => existsSync(place)))).toEqual([]);
  const atTop = filesIn(join(top, 'test'))
    .map(name)
    .filter((path) => dirname(path) === 'test');
  expect(atTop.toSorted()).toEqual(['architecture', 'compatibility', 'glossary'].map((one) => `test/${one}.test.ts`));
});

test('a test beside the rooms of ingest tests a file beside them', () => {
  const beside = readdirSync(join(top, 'test/ingest')).filter((file) => file.endsWith('.test.ts'));
  const lost = beside.filter((file) => !existsSync(join(top, 'daemon/ingest', file.replace('.test.ts', '.ts'))));
  expect(lost, 'Who changes a room runs the tests of that room.').toEqual([]);
});

test('no function has more than 50 lines', () => {
  const long = sources.flatMap(({ path, text }) =>
    functionsIn(text)
      .filter(({ lines }) => lines > 50)
      .map((one) => `${path}: ${one.head} (${one.lines})`),
  );
  expect(long, 'A longer function does several things: name each of them.').toEqual([]);
});

/** Finds the top-level functions of a formatted file, from the line that begins one to the closing brace in the first column. */
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
  expect(
    wrong.map(({ path }) => path),
    'Each of these hides what a thing is or where it is.',
  ).toEqual([]);
});

test('a source file that a test or a bench names in pieces is there', () => {
  const places = filesIn(join(top, 'test')).filter((file) => !name(file).startsWith('test/fixtures'));
  const known = [...sources.map(({ path }) => path), ...places.map(name)].map((path) => `/${path}`);
  const call = /join\((?:top|mainScript|import\.meta\.dirname), ([^()]*\.ts)'\)/g;
  const named = places.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(call)].map(([, pieces = '']) => ({
      file: name(file),
      path: `/${pieces.replaceAll(/', '|'/g, '/').replace(/^[./]*/, '')}`,
    })),
  );
  expect(named.length).toBeGreaterThan(5);
  const gone = named.filter(({ path }) => !known.some((one) => one.endsWith(path)));
  expect(gone, 'A program that cannot be started makes a test true of nothing.').toEqual([]);
});

/** Files that may open or read files, besides the one reader for files of others, and the reason. */
const readers: Record<string, string> = {
  'daemon/runtime/file-reader.ts': 'the reader itself',
  'daemon/blobs/copy.ts': 'makes blobs; sources are opened by the reader',
  'daemon/blobs/durable.ts': 'opens folders of the store to flush them',
  'daemon/blobs/hash.ts': 'hashes what the reader opened',
  'daemon/blobs/upload-worker.ts': 'makes blobs of what clients send',
  'daemon/blobs/download-worker.ts': 'reads blobs that the reader opened',
  'daemon/blobs/store.ts': 'reads blobs',
  'daemon/registry/series/series-worker.ts': 'reads blobs',
  'daemon/registry/series/series-cache.ts': 'reads what it wrote itself',
  'daemon/registry/tensors/tensor-source.ts': 'opens blobs; files of others are opened by the reader',
  'daemon/policy/called-files.ts': 'hashes what the reader opened',
  'daemon/ingest/lineage/data.ts': 'hashes what the reader opened',
  'daemon/ingest/lineage/table-shape.ts': 'reads a footer of what the reader opened',
  'daemon/ingest/executions/proc.ts': 'reads /proc',
  'daemon/db/database.ts': 'its own data folder',
  'daemon/db/backup/backup.ts': 'its own data folder',
  'daemon/db/lock.ts': 'its own data folder',
  'daemon/db/backup/migration-copy.ts': 'its own data folder',
  'daemon/runtime/write-file.ts': 'writes only; opens folders to flush them',
  'daemon/webhooks/store.ts': 'its own data folder',
  'daemon/server/instance-file.ts': 'its own data folder',
  'daemon/clients/client/discover.ts': 'its own data folder',
  'daemon/clients/client/launch.ts': 'its own log',
  'daemon/clients/client/program-copy.ts': 'its own program',
  'daemon/clients/client/upload.ts': 'sends what the reader opened',
  'daemon/clients/client/download.ts': 'its own cache',
  'daemon/api/endpoints/uploads.ts': 'lays out a blob',
  'daemon/clients/client/reproduce.ts': 'hashes what the reader opened',
  'daemon/clients/cli/program-version.ts': 'its own program',
  'daemon/clients/cli/commands/backup.ts': 'copies a backup that the service made just now',
  'daemon/clients/client/copy-blobs.ts': 'copies blobs, each only with the bytes that it is named by',
  'daemon/server/offline.ts': 'a backup that the user names on the command line',
  'daemon/registry/versions/materialize.ts': 'lays out blobs',
  'daemon/api/web/pages.ts': 'its own pages',
  'daemon/clients/cli/commands/card.ts': 'a file that the user names on the command line',
  'daemon/clients/cli/commands/webhook.ts': 'files that the user names on the command line',
  'daemon/clients/cli/write-lock.ts': 'a file in the folder that the user names on the command line',
  'daemon/clients/cli/commands/stop.ts': 'reads /proc',
  'daemon/clients/cli/commands/service.ts': 'a file that it wrote for the service manager',
  'daemon/clients/completion/main.ts': 'its own program',
  'daemon/clients/cli/log-heads.ts': 'a file that the user names on the command line',
  'daemon/clients/client/old-service.ts': 'reads /proc',
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
  expect(
    found.filter((path) => readers[path] === undefined),
    'A file of somebody else may be a FIFO, a device or a link: runtime/file-reader.ts refuses those.',
  ).toEqual([]);
  expect(Object.keys(readers).filter((path) => !found.includes(path))).toEqual([]);
});
