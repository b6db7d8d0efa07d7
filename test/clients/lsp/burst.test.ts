import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { DocumentLink, Hover, Range } from 'vscode-languageserver/node';
import { findReferences } from '../../../daemon/clients/lsp/references/references.ts';
import { consumersRequest, type Consumer } from '../../../daemon/protocol/code-action.ts';
import { startService, threeVersions, until } from '../../support/daemon.ts';
import { editor, type At, type Editor } from '../../support/lsp-client.ts';

const limit = { timeout: 40_000 };

async function window(): Promise<{ code: string; one: Editor }> {
  const { client, folder } = await startService();
  await threeVersions(client);
  const code = join(folder, 'code');
  mkdirSync(code);
  const one = await editor(code, join(folder, 'data'));
  onTestFinished(() => one.close());
  return { code, one };
}

async function known({ connection }: Editor, at: At): Promise<Hover> {
  const shown = async (): Promise<Hover | null> => connection.sendRequest<Hover | null>('textDocument/hover', at);
  return until(async () => (await shown()) ?? undefined, 'a card');
}

/** Returns a source of numbers from 0 up to `below` that are the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

const pieces = [
  '"models:/iris/2"',
  '"models:/iris@champion"',
  '\r\n',
  '\n',
  '🦊',
  'é',
  '"',
  'models:/',
  '/3',
  '',
  '',
  '',
];

test('after 200 edits in a burst with requests between, every link stands where its text is', limit, async () => {
  const { one } = await window();
  const at = await one.open('typed.py', '# 🦊🦊\r\nx = "models:/iris/‸3"\r\ny = "models:/iris/1"\r\n');
  await known(one, at);
  const { uri } = at.textDocument;
  const roll = dice(7);
  const asked: Promise<unknown>[] = [];
  let text = TextDocument.create(uri, 'python', 1, '# 🦊🦊\r\nx = "models:/iris/3"\r\ny = "models:/iris/1"\r\n');
  for (let version = 2; version <= 201; version += 1) {
    const range = anyRange(text, roll);
    const contentChanges = [{ range, text: pieces[roll(pieces.length)] ?? '' }];
    text = TextDocument.update(text, contentChanges, version);
    void one.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
    const position = range.end;
    for (const method of ['hover', 'completion', 'codeLens', 'documentLink'].slice(0, version % 5))
      asked.push(one.connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, position }));
  }
  await Promise.all(asked);
  const links = await one.connection.sendRequest<DocumentLink[]>('textDocument/documentLink', {
    textDocument: { uri },
  });
  const shown = links.map(({ range }) => `${text.offsetAt(range.start)} ${text.getText(range)}`);
  const there = findReferences(text.getText(), 'python', (name) => name === 'iris')
    .map(({ start, end }) => `${start} ${text.getText().slice(start, end)}`)
    .filter((reference) => /models:\/iris(\/[123])?$/.test(reference));
  expect(there.length).toBeGreaterThan(5);
  expect(shown).toEqual(there);
  expect(one.log.filter((line) => !line.includes('files read'))).toEqual([]);
});

/** Returns a range. One in four deletes up to 8 units. */
function anyRange(text: TextDocument, roll: (below: number) => number): Range {
  const start = roll(text.getText().length + 1);
  return { start: text.positionAt(start), end: text.positionAt(start + (roll(4) === 0 ? roll(8) : 0)) };
}

test('a line of 5 MB holds up neither its own document nor another', limit, async () => {
  const { one } = await window();
  const small = await one.open('small.py', 'x = "models:/iris/‸3"');
  await known(one, small);
  const part = 'x = "models:/iris/1" + "models:/nobody@7" # 🦊 joblib.load(';
  const large = await one.open('large.py', `${part.repeat(Math.ceil((5 * 1024 * 1024) / part.length))}‸`);
  const began = performance.now();
  await known(one, small);
  const { uri } = large.textDocument;
  const start = { line: 0, character: 0 };
  const contentChanges = [{ range: { start, end: start }, text: ' ' }];
  await one.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges,
  });
  const links = await one.connection.sendRequest<DocumentLink[]>('textDocument/documentLink', {
    textDocument: { uri },
  });
  expect(links[0]?.range.start).toEqual({ line: 0, character: 6 });
  await known(one, small);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('thousands of files that change at once are all read, and those of packages are not', limit, async () => {
  const { one, code } = await window();
  mkdirSync(join(code, 'node_modules', 'package'), { recursive: true });
  mkdirSync(join(code, '.venv', 'lib'), { recursive: true });
  const files = Array.from({ length: 3000 }, (_, n) => `module${n}.py`);
  for (const file of [...files, 'node_modules/package/a.py', '.venv/lib/a.py'])
    writeFileSync(join(code, file), 'x = "models:/iris/1"\n');
  const changes = [...files, 'node_modules/package/a.py', '.venv/lib/a.py'].map((file) => ({
    uri: pathToFileURL(join(code, file)).href,
    type: 1,
  }));
  await one.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  const consumers = async (): Promise<Consumer[]> => one.connection.sendRequest(consumersRequest, { model: 'iris' });
  await until(async () => (await consumers()).length >= files.length, 'all files');
  expect((await consumers()).length).toBe(files.length);
});

test('files that are no text, too large or no files at all are read past', limit, async () => {
  const { one, code } = await window();
  const name = (file: string): string => pathToFileURL(join(code, file)).href;
  writeFileSync(join(code, 'bytes.py'), Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x40, 0x6d]));
  writeFileSync(join(code, 'large.json'), `{"a": "${'models:/iris/1 '.repeat(500_000)}"}`);
  mkdirSync(join(code, 'folder.py'));
  // One for each reader thread, each of which would wait for a writer forever.
  const pipes = process.platform === 'win32' ? [] : ['1', '2', '3', '4', '5'].map((number) => `pipe${number}.py`);
  for (const pipe of pipes) execFileSync('mkfifo', [join(code, pipe)]);
  writeFileSync(join(code, 'good.py'), 'x = "models:/iris/1"\n');
  const changes = ['bytes.py', 'large.json', 'folder.py', ...pipes, 'gone.py', 'good.py'].map((file) => ({
    uri: name(file),
    type: 1,
  }));
  await one.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  const found = await until(async () => {
    const all = await one.connection.sendRequest<Consumer[]>(consumersRequest, { model: 'iris' });
    return all.length > 0 && all;
  }, 'the good one');
  expect(found.map(({ uri }) => uri)).toEqual([name('good.py')]);
  expect(one.log.filter((line) => !line.includes('files read'))).toEqual([]);
});
