import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { CodeAction, CompletionList, Hover, Location, WorkspaceEdit } from 'vscode-languageserver/node';
import { consumersRequest, trustedNotification, type Consumer } from '../../../daemon/protocol/code-action.ts';
import { copySample, startService, threeVersions, until, type TestService } from '../../support/daemon.ts';
import { editor, type At, type Editor } from '../../support/lsp-client.ts';

const limit = { timeout: 40_000 };

/** Three versions of `iris`, of which v2 is in production and has the alias `@champion`, and an editor on a folder with some code. */
async function atWork(): Promise<TestService & { code: string; window: Editor }> {
  const made = await startService();
  await threeVersions(made.client);
  const promote = { model: 'iris', version: '2' };
  await made.client.call('POST /models/:model/versions/:version/promote', { ...promote, stage: 'production' });
  await made.client.call('POST /models/:model/versions/:version/promote', { ...promote, alias: 'champion' });
  const code = join(made.folder, 'code');
  mkdirSync(join(code, 'deploy'), { recursive: true });
  writeFileSync(join(code, 'serve.py'), 'a = "models:/iris@champion"\nb = "models:/iris/1"\n');
  writeFileSync(join(code, 'deploy', 'app.yaml'), 'model: models:/iris/production\r\nother: iris@@champion\r\n');
  const window = await editor(code, join(made.folder, 'data'));
  onTestFinished(() => window.close());
  return { ...made, code, window };
}

function ask<T>({ connection }: Editor, method: string, params: object): Promise<T> {
  return connection.sendRequest<T>(`textDocument/${method}`, params);
}

async function hoverText(window: Editor, at: At): Promise<string> {
  const shown = await ask<Hover | null>(window, 'hover', at);
  return shown ? (shown.contents as { value: string }).value : '';
}

test('an editor is answered over standard input and output', limit, async () => {
  const { window, code, client } = await atWork();
  const at = await window.open('train.py', 'x = "models:/iris/‸production"\ny = "models:/irsi/1"\n');
  const card = await until(async () => (await hoverText(window, at)) || undefined, 'a card');
  expect(card).toContain('**iris v2** · production, @champion');
  const found = await until(() => window.diagnostics.get(at.textDocument.uri), 'diagnostics');
  expect(found.map(({ code: word }) => word)).toEqual(['unknown-model']);
  const context = { diagnostics: found };
  const actions = await ask<CodeAction[]>(window, 'codeAction', { ...at, range: found[0]!.range, context });
  expect(actions.map(({ title }) => title)).toEqual(['Change to iris']);
  const typing = await window.open('typing.py', 'x = "models:/iris@‸"');
  const list = await ask<CompletionList>(window, 'completion', typing);
  expect(list.items.map(({ label }) => label)).toEqual(['champion']);

  const places = await until(async () => {
    const all = await ask<Location[]>(window, 'references', { ...at, context: { includeDeclaration: true } });
    return all.length >= 6 && all;
  }, 'references');
  expect(places.map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1))).toEqual([
    'app.yaml',
    'app.yaml',
    'serve.py',
    'serve.py',
    'train.py',
    'typing.py',
  ]);
  await client.call('POST /models/:model/versions/:version/promote', {
    model: 'iris',
    version: '3',
    stage: 'production',
  });
  await until(async () => (await hoverText(window, at)).includes('**iris v3**'), 'the new holder');
  expect(code).toBeDefined();
});

test('a number of a merged model leads to the version that it is now, until the merge is undone', limit, async () => {
  const { window, client, code } = await atWork();
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(code, 'old.joblib'));
  await client.call('POST /register', { path, model: 'old' });
  const at = await window.open('train.py', 'x = "models:/old/‸1"\ny = "old@1"\nz = "models:/old/2"\n');
  await until(async () => (await hoverText(window, at)).includes('**old v1**'), 'the card before');
  const { seq } = await client.call('POST /models/:model/merge', { model: 'iris', from: 'old' });
  const card = await until(async () => /\*\*iris v4\*\*[^]*/.exec(await hoverText(window, at))?.[0], 'the card after');
  expect(card).toContain('iris v4');
  const found = await until(() => {
    const all = window.diagnostics.get(at.textDocument.uri) ?? [];
    return all.length === 3 && all;
  }, 'diagnostics');
  expect(found.map(({ message }) => message)).toEqual([
    'old was merged into iris: old@1 is iris@4 now.',
    'old was merged into iris: old@1 is iris@4 now.',
    'There is no model old in this registry. Did you mean iris?',
  ]);
  const places = await ask<Location[]>(window, 'references', { ...at, context: { includeDeclaration: true } });
  expect(places.filter(({ uri }) => uri.endsWith('train.py'))).toHaveLength(2);
  await client.call('POST /undo', { seq });
  await until(async () => (await hoverText(window, at)).includes('**old v1**'), 'the card of the model that is back');
});

test('a path that code loads is a version by its bytes', limit, async () => {
  const { window, code } = await atWork();
  copySample('sklearn/iris-script/outputs/v3/model.joblib', join(code, 'copied.joblib'));
  const at = await window.open('load.py', 'm = joblib.load("copied‸.joblib")');
  const card = await until(async () => (await hoverText(window, at)) || undefined, 'a card');
  expect(card).toContain('**iris v3**');
});

test('before the workspace is trusted no path of its files is looked for, and after it is', limit, async () => {
  const made = await startService();
  await threeVersions(made.client);
  const code = join(made.folder, 'code');
  mkdirSync(code);
  copySample('sklearn/iris-script/outputs/v3/model.joblib', join(code, 'copied.joblib'));
  const window = await editor(code, join(made.folder, 'data'), { trusted: false });
  onTestFinished(() => window.close());
  const byName = await window.open('name.py', 'x = "models:/iris/‸3"');
  await until(async () => (await hoverText(window, byName)) || undefined, 'a card');
  const byPath = await window.open('load.py', 'm = joblib.load("copied‸.joblib")');
  for (let tries = 0; tries < 20; tries += 1) {
    expect(await hoverText(window, byPath)).toBe('');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await window.connection.sendNotification(trustedNotification);
  const card = await until(async () => (await hoverText(window, byPath)) || undefined, 'a card');
  expect(card).toContain('**iris v3**');
});

test('an alias and a model are renamed in every file that names them', limit, async () => {
  const { window } = await atWork();
  const at = await window.open('one.py', 'x = "models:/iris@cham‸pion"');
  await until(async () => (await hoverText(window, at)) || undefined, 'a card');
  await until(() => window.log.some((line) => line.includes('files read')), 'the index');
  const edit = await ask<WorkspaceEdit>(window, 'rename', { ...at, newName: 'best' });
  const changes = (edit.documentChanges ?? []) as { textDocument: { uri: string }; edits: { newText: string }[] }[];
  const counted = changes.map(({ textDocument: { uri }, edits }) => [
    uri.slice(uri.lastIndexOf('/') + 1),
    edits.length,
  ]);
  expect(Object.fromEntries(counted)).toEqual({
    'app.yaml': 1,
    'one.py': 1,
    'serve.py': 1,
  });
  const position = { line: 0, character: 14 };
  const model = await ask<WorkspaceEdit>(window, 'rename', { ...at, position, newName: 'flower' });
  const texts = (model.documentChanges as typeof changes).flatMap(({ edits }) => edits.map(({ newText }) => newText));
  expect(texts).toEqual(Array.from({ length: 5 }, () => 'flower'));
  await expect(ask(window, 'rename', { ...at, newName: 'a b' })).rejects.toThrow('cannot contain spaces');
});

test('the editor is answered while the service dies mid-request, and from what was known after', limit, async () => {
  const { window, daemon } = await atWork();
  const at = await window.open('train.py', 'x = "models:/iris/‸2"\nm = joblib.load("a.joblib")');
  await until(async () => (await hoverText(window, at)) || undefined, 'a card');
  const during = [daemon.stop(), ...Array.from({ length: 50 }, () => hoverText(window, at))];
  const [, ...cards] = await Promise.all(during);
  expect(cards.every((card) => String(card).includes('**iris v2**'))).toBe(true);
  expect(await hoverText(window, at)).toContain('**iris v2**');
});

test('broken documents, edits at speed and places outside a text are answered with nothing', limit, async () => {
  const { window } = await atWork();
  const at = await window.open(
    'broken.py',
    'x = "models:/iris/2‸\n\ud800 "models:/@" models://// joblib.load("\\x00")',
  );
  await until(async () => (await hoverText(window, at)) || undefined, 'a card');
  const { uri } = at.textDocument;
  for (let version = 2; version < 300; version += 1) {
    const range = { start: { line: 0, character: 5 }, end: { line: 0, character: 5 + (version % 7) } };
    const contentChanges = [{ range, text: 'models:/iris@'.slice(0, version % 13) }];
    void window.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
    if (version % 10 === 0) void ask(window, 'completion', at);
  }
  for (const method of ['hover', 'completion', 'definition', 'references', 'prepareRename', 'codeLens', 'documentLink'])
    await ask(window, method, { ...at, position: { line: 999, character: 999 }, context: {} });
  const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  await ask(window, 'inlayHint', { ...at, range });
  expect(await ask(window, 'hover', { ...at, textDocument: { uri: 'file:///nowhere.py' } })).toBeNull();
  expect(window.log.filter((line) => !line.includes('files read'))).toEqual([]);
});

test('of an open notebook its cells are what names a model, and of a closed one its file', limit, async () => {
  const { window, code } = await atWork();
  const text = { cells: [{ cell_type: 'code', source: ['x = "models:/iris/1"'], metadata: {}, outputs: [] }] };
  writeFileSync(join(code, 'look.ipynb'), JSON.stringify(text));
  const file = pathToFileURL(join(code, 'look.ipynb')).href;
  void window.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: file, type: 1 }] });
  const own = async (): Promise<string[]> => {
    const all = await window.connection.sendRequest<Consumer[]>(consumersRequest, { model: 'iris' });
    return all.filter(({ uri }) => uri.includes('look.ipynb')).map(({ uri, suffix }) => uri.slice(-3) + suffix);
  };
  await until(async () => String(await own()) === 'ynb/1', 'the file');
  const uri = `${file.replace(/^file:/, 'vscode-notebook-cell:')}#W0`;
  const textDocument = { uri, languageId: 'python', version: 1, text: 'x = "models:/iris@champion"' };
  void window.connection.sendNotification('textDocument/didOpen', { textDocument });
  await until(async () => String(await own()) === '#W0@champion', 'the cell');
  void window.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: file, type: 2 }] });
  const position = { line: 0, character: 20 };
  const edit = await ask<WorkspaceEdit>(window, 'rename', { textDocument: { uri }, position, newName: 'best' });
  const changed = (edit.documentChanges ?? []) as { textDocument: { uri: string } }[];
  expect(changed.map((one) => one.textDocument.uri)).toContain(uri);
  void window.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await until(async () => String(await own()) === 'ynb/1', 'the file again');
});

test('what is switched off in the settings is not answered', limit, async () => {
  const { window } = await atWork();
  const at = await window.open('train.py', 'x = "models:/iris/‸2"\ny = "models:/irsi/1"');
  const { uri } = at.textDocument;
  await until(() => window.diagnostics.get(uri)?.length, 'a diagnostic');
  const settings = { plinth: { editor: { hover: false, diagnostics: false } } };
  void window.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  await until(() => window.diagnostics.get(uri)?.length === 0, 'no diagnostic');
  expect(await hoverText(window, at)).toBe('');
});

test('a plinth.yaml is answered by its own words', limit, async () => {
  const { window } = await atWork();
  const at = await window.open('plinth.yaml', 'watch:\n  - path: runs\n    reg‸ister: bst\n', 'yaml');
  expect(await hoverText(window, at)).toContain('Which artifact of a run');
  const found = await until(() => window.diagnostics.get(at.textDocument.uri), 'diagnostics');
  expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('it must be one of final, best')]);
  const list = await ask<CompletionList>(window, 'completion', { ...at, position: { line: 2, character: 14 } });
  expect(list.items.map(({ label }) => label)).toEqual(['final', 'best', 'every', 'manual']);
});

test('who loads a model is known file by file, by name and by path, and follows changes on disk', limit, async () => {
  const { window, code } = await atWork();
  copySample('sklearn/iris-script/outputs/v3/model.joblib', join(code, 'm.joblib'));
  writeFileSync(join(code, 'new.py'), 'a = "models:/iris/production"\nb = joblib.load("m.joblib")\n');
  const uri = pathToFileURL(join(code, 'new.py')).href;
  void window.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 1 }] });
  const own = (all: Consumer[]): unknown[] =>
    all.filter((one) => one.uri === uri).map(({ suffix, number, range }) => [suffix, number, range.start.line]);
  const loads = async (): Promise<Consumer[]> => window.connection.sendRequest(consumersRequest, { model: 'iris' });
  const found = await until(async () => own(await loads()).length === 2 && loads(), 'both places');
  expect(own(found)).toEqual([
    ['/production', 2, 0],
    ['', 3, 1],
  ]);
  rmSync(join(code, 'new.py'));
  void window.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 3 }] });
  await until(async () => own(await loads()).length === 0, 'nobody');
});
