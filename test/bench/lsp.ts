import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { apply as write } from '../../daemon/db/apply/apply.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { append } from '../../daemon/db/log.ts';
import { silent } from '../../daemon/log.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { consumersRequest, type Consumer } from '../../daemon/protocol/code-action.ts';
import { mentionsModels } from '../../extension/editors/path-mentions.ts';
import { given } from '../support/evidence.ts';
import { editor, type At, type Editor } from '../support/lsp-client.ts';
import { percentile, row, type Row } from './place.ts';
import { version } from './version.ts';

const models = 10;
const versionsEach = 1000;
const references = 500;
const files = 5000;
const repeats = 100;
const top = join(import.meta.dirname, '..', '..');

/** Measures what an editor waits for with 10,000 versions and 500 references in an open file, and the indexing of 5,000 files. */
export async function lsp(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const [data, code] = [join(folder, 'data'), join(folder, 'code')];
  mkdirSync(data);
  fill(data);
  fillWorkspace(code);
  const daemon = await startDaemon(configure({ version: '0', dataFolder: data }), silent);
  const bundled = join(top, 'dist', 'plinth.js');
  const program = existsSync(join(top, 'dist', 'lsp.js')) ? bundled : join(top, 'daemon', 'main.ts');
  const window = await editor(code, data, {}, program);
  try {
    const line = await logged(window, 'files read');
    const indexMs = Number(/in (\d+) ms/.exec(line)?.[1]);
    const rows = await requests(window);
    const what = `index of a workspace of ${files.toLocaleString('en')} files, in the background`;
    const index = row(what, '≤ 3 s', `${(indexMs / 1000).toFixed(2)} s`, indexMs <= 3000);
    return [...rows, index, await following(window, code), ...outside()];
  } finally {
    await window.close();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function logged(window: Editor, text: string): Promise<string> {
  for (;;) {
    const line = window.log.find((one) => one.includes(text));
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function requests(window: Editor): Promise<Row[]> {
  const lines = Array.from({ length: references }, (_, n) => `m${n} = "models:/model-${n % models}/${n + 1}"`);
  const at = await window.open('open.py', `first = "models:/model-1/‸7"\n${lines.join('\n')}\n`);
  const typing = await window.open('typing.py', 'x = "models:/model-1/‸"');
  await mirrored(window, at);
  const range = { start: { line: 0, character: 0 }, end: { line: references, character: 0 } };
  const asked: [string, At, object][] = [
    ['hover', at, {}],
    ['completion', typing, {}],
    ['definition', at, {}],
    ['references', at, { context: { includeDeclaration: true } }],
    ['codeLens', at, {}],
    ['inlayHint', at, { range }],
    ['documentLink', at, {}],
    ['codeAction', at, { range: { start: at.position, end: at.position }, context: { diagnostics: [] } }],
  ];
  const rows: Row[] = [];
  for (const [method, place, more] of asked) {
    const times: number[] = [];
    for (let n = 0; n < repeats; n += 1) {
      if (n % 10 === 0) await edit(window, at);
      const began = performance.now();
      await window.connection.sendRequest(`textDocument/${method}`, { ...place, ...more });
      times.push(performance.now() - began);
    }
    const p95 = percentile(times, 0.95);
    const what = `${method} with 10,000 versions and ${references} references, p95 of ${repeats}`;
    rows.push(row(what, '≤ 50 ms', `${p95.toFixed(1)} ms`, p95 <= 50));
  }
  return rows;
}

/** Waits until the newest version is known. */
async function mirrored(window: Editor, at: At): Promise<void> {
  const { uri } = at.textDocument;
  for (;;) {
    const lenses = await window.connection.sendRequest<unknown[]>('textDocument/codeLens', { textDocument: { uri } });
    if (lenses.length >= references) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Measures how soon the references are updated after a file changes on disk. */
async function following(window: Editor, code: string): Promise<Row> {
  const file = join(code, 'package_0', 'followed.py');
  const uri = pathToFileURL(file).href;
  const times: number[] = [];
  for (let n = 1; n <= 20; n += 1) {
    writeFileSync(file, 'm = "models:/model-3/production"\n'.repeat(n));
    const began = performance.now();
    await window.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
    for (;;) {
      const all = await window.connection.sendRequest<Consumer[]>(consumersRequest, { model: 'model-3' });
      if (all.filter((one) => one.uri === uri).length === n) break;
    }
    times.push(performance.now() - began);
  }
  const p95 = percentile(times, 0.95);
  return row('a file changed → the index follows, p95 of 20', '≤ 50 ms', `${p95.toFixed(1)} ms`, p95 <= 50);
}

/** Measures the cost for people who never name a model: the check of each opened file, and the size of what is loaded later. */
function outside(): Row[] {
  const text = Array.from({ length: 10_000 }, (_, n) => `value_${n} = compute(value_${n - 1}, scale=0.${n})`).join(
    '\n',
  );
  const times = Array.from({ length: repeats }, () => {
    const began = performance.now();
    mentionsModels(text, 'python');
    return performance.now() - began;
  });
  const p95 = percentile(times, 0.95);
  const what = 'opening a file of 10,000 lines without references, on the host, p95 of 100';
  const folder = join(top, 'dist', 'extension');
  const part = existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith('client-')) : undefined;
  const size = part === undefined ? 'not built' : `${Math.round(statSync(join(folder, part)).size / 1000)} KB`;
  return [row(what, '≤ 10 ms', `${p95.toFixed(2)} ms`, p95 <= 10), row('client library, loaded when needed', '', size)];
}

let edits = 0;

/** Adds one letter, so that no cached result can be used. */
async function edit(window: Editor, { textDocument: { uri } }: At): Promise<void> {
  edits += 1;
  const start = { line: references, character: 0 };
  const contentChanges = [{ range: { start, end: start }, text: ' ' }];
  await window.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: edits + 1 },
    contentChanges,
  });
}

/** Writes typical code: 200 lines a file, and every tenth file names a model. */
function fillWorkspace(folder: string): void {
  const body = Array.from({ length: 200 }, (_, n) => `    value_${n} = compute(value_${n - 1}, scale=0.${n})`).join(
    '\n',
  );
  for (let n = 0; n < files; n += 1) {
    const within = join(folder, `package_${n % 100}`);
    if (n < 100) mkdirSync(within, { recursive: true });
    const reference = n % 10 === 0 ? `MODEL = "models:/model-${n % models}/production"\n` : '';
    writeFileSync(join(within, `module_${n}.py`), `${reference}def run():\n${body}\n`);
  }
}

/** Writes the versions through the log, as if they had been registered one by one. Production of each model is its newest version. */
function fill(folder: string): void {
  const db = openDatabase(folder);
  const add = (event: NewEvent): void => write(db, append(db, event, Date.now(), 'bench'));
  for (let n = 0; n < models; n += 1) {
    db.raw.transaction(() => {
      const model = `m${n}`;
      add({ type: 'model.created/1', body: { model, name: `model-${n}` } });
      for (let number = 1; number <= versionsEach; number += 1) {
        add({ type: 'version.registered/1', body: version(model, number) });
        const metrics = { val_auc: 0.5 + number / 10_000, train_loss: 1 / number };
        const evidence = { source: 'metrics.json', digest: 'sha256:0', metrics, params: {}, origin: given };
        add({ type: 'version.evidence/1', body: { model, number, ...evidence } });
      }
      const holder = versionsEach;
      const after = { holder, previous: [], stages: [[holder, 'production']] as [number, string][] };
      const before = { holder: null, previous: [], stages: [] };
      const why = { reason: '', gates: [], evidence: [], policy: null, undoes: null };
      const what = { model, kind: 'stage', name: 'production', cause: 'promote' } as const;
      add({ type: 'pointer.moved/1', body: { ...what, before, after, ...why } });
    })();
  }
  db.close();
}
