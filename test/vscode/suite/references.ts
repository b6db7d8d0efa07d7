import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { dataFolder, extension, modelRow, otherClient, rowBelow, until, versionRow } from './at-work.ts';
import type { InHost } from './run.ts';

/** Runs in a trusted window on a folder with three runs of one script at outputs/iris. v3 is promoted to production and @champion. */
export function suite(host: InHost): void {
  const { test } = host;
  test('no language server runs before a document has to do with models', async () => {
    await extension();
    await vscode.workspace.openTextDocument({ language: 'python', content: 'print("nothing of ours")\n' });
    await vscode.commands.executeCommand('plinth.models.focus');
    await until(async () => {
      const row = await modelRow('iris');
      return row.children?.filter(({ label }) => /^v\d+$/.test(label)).length === 3 && row;
    }, 'three versions');
    if (process.platform === 'linux') assert.deepEqual(languageServers(), []);
  });

  test('a reference in Python, in YAML and in a cell of a notebook has a card', async () => {
    const client = await otherClient();
    for (const place of [{ stage: 'production' }, { alias: 'champion' }])
      await client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version: '3', ...place });
    for (const document of await inEachKind('models:/iris/3')) {
      const text = await until(async () => (await cardIn(document)) || undefined, `a card in ${document.uri.scheme}`);
      assert.match(text, /iris v3/);
    }
  });

  onTheCard(test);
  besideTheText(test);
  atTheCaret(test);
  inTheWorkspace(test);
  afterItsEnd(host);
}

function onTheCard(test: InHost['test']): void {
  test('the links of a card open the version, compare it, show its history and pin it', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content: 'x = "models:/iris/production"',
    });
    const card = await until(async () => (await cardIn(document)) || undefined, 'a card');
    const links = new Map(
      [...card.matchAll(/\[(\w+)\]\(command:plinth\.reference\?([^)]*)\)/g)].map((one) => [one[1], one[2]]),
    );
    assert.deepEqual([...links.keys()], ['Open', 'Compare', 'Pin', 'History']);
    const follow = async (name: string): Promise<void> => {
      const [act] = JSON.parse(decodeURIComponent(links.get(name) ?? '')) as unknown[];
      await vscode.commands.executeCommand('plinth.reference', act);
    };
    const tabs = (): string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    for (const [name, tab] of [
      ['Open', 'iris@3'],
      ['Compare', 'iris@2 ↔ iris@3'],
      ['History', 'History of iris'],
    ] as const) {
      await follow(name);
      await until(() => tabs().some((label) => label.startsWith(tab)), `${tab} among ${tabs().join(', ')}`);
    }
    await follow('Pin');
    await until(() => document.getText() === 'x = "models:/iris/3"', document.getText());
  });
}

function besideTheText(test: InHost['test']): void {
  test('an unknown model is marked in each, and the closest name offered', async () => {
    for (const document of await inEachKind('models:/irs/1')) {
      const [found] = await until(() => {
        const marks = vscode.languages.getDiagnostics(document.uri);
        return marks.length > 0 && marks;
      }, `a diagnostic in ${document.uri.scheme}`);
      const actions = await ask<vscode.CodeAction>('CodeAction', document.uri, found!.range);
      assert.ok(actions.some(({ title }) => title === 'Change to iris'));
    }
  });

  test('a pin that production has left behind has a lens in each, and its update is one act', async () => {
    for (const document of await inEachKind('models:/iris/1')) {
      const lenses = await until(async () => {
        const all = await ask<vscode.CodeLens>('CodeLens', document.uri, 10);
        return all.length === 3 && all;
      }, `lenses in ${document.uri.scheme}`);
      const [title, compare, update] = lenses.map(({ command }) => command);
      assert.match(title?.title ?? '', /^v1 pinned · 2 behind production/);
      assert.equal(compare?.title, 'compare');
      assert.equal(update?.title, 'update to v3');
      await vscode.commands.executeCommand(update!.command, ...(update!.arguments as unknown[]));
      await until(() => document.getText().includes('models:/iris/3'), 'the new number');
    }
  });

  test('a hint tells the number where the text does not', async () => {
    for (const document of await inEachKind('models:/iris@champion')) {
      const hints = await until(async () => {
        const all = await ask<vscode.InlayHint>('InlayHint', document.uri, wholeOf(document));
        return all.length === 1 && all;
      }, `a hint in ${document.uri.scheme}`);
      assert.equal(hints[0]?.label, '→ v3');
    }
  });
}

function atTheCaret(test: InHost['test']): void {
  test('stages and versions are offered after the name, aliases after an @', async () => {
    for (const [typed, offered] of [
      ['models:/iris/', ['production', 'latest', '3', '2', '1']],
      ['models:/iris@', ['champion']],
    ] as const) {
      for (const document of await inEachKind(typed)) {
        const at = document.positionAt(document.getText().indexOf(typed) + typed.length);
        const labels = await until(async () => {
          const list = await vscode.commands.executeCommand<vscode.CompletionList>(
            'vscode.executeCompletionItemProvider',
            document.uri,
            at,
          );
          const ours = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
          return offered.every((one) => ours.includes(one)) && ours;
        }, `offers in ${document.uri.scheme}`);
        assert.ok(labels.indexOf(offered[0]) >= 0);
      }
    }
  });

  test('a reference leads to the record of its version', async () => {
    for (const document of await inEachKind('models:/iris/2')) {
      const [place] = await until(async () => {
        const all = await ask<vscode.Location>('Definition', document.uri, caretIn(document));
        return all.length > 0 && all;
      }, 'a definition');
      assert.equal(place?.uri.scheme, 'plinth');
      const record = await vscode.workspace.openTextDocument(place!.uri);
      assert.match(record.getText(), /"number": 2/);
    }
  });
}

function inTheWorkspace(test: InHost['test']): void {
  test('every file that names a model is found from one of them, and renamed with it', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const cell = { cell_type: 'code', source: ['x = "models:/iris@champion"\n'], outputs: [], metadata: {} };
    const texts = {
      'serve.py': 'model = "models:/iris@champion"\r\nfoxes = "🦊 models:/iris/2"\r\n',
      'deploy.yaml': 'model: models:/iris@champion\n',
      'look.ipynb': JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }),
    };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const document = await vscode.workspace.openTextDocument(join(folder, 'serve.py'));
    const places = await until(async () => {
      const all = await ask<vscode.Location>('Reference', document.uri, caretIn(document));
      return all.length === 4 && all;
    }, 'four places');
    assert.deepEqual(
      places.map(({ uri, range }) => [vscode.workspace.asRelativePath(uri), range.start.line]),
      [
        ['deploy.yaml', 0],
        ['look.ipynb', 0],
        ['serve.py', 0],
        ['serve.py', 1],
      ],
    );
    const alias = document.positionAt(document.getText().indexOf('champion') + 1);
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      document.uri,
      alias,
      'best',
    );
    assert.equal(edit.entries().flatMap(([, edits]) => edits).length, 3);
  });

  test('a row of the tree leads to who loads it', async () => {
    const opened = (): string => vscode.window.activeTextEditor?.document.uri.path.split('/').at(-1) ?? '';
    for (const [row, file] of [
      [await rowBelow('iris', '@champion'), 'deploy.yaml'],
      [await versionRow('iris', 2), 'serve.py'],
      [await modelRow('iris'), 'deploy.yaml'],
    ] as const) {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await vscode.commands.executeCommand('plinth.findReferences', row);
      await until(() => opened() === file, `${file} for ${row.label}`);
    }
  });
}

function afterItsEnd({ test, notRun }: InHost): void {
  const title = 'a language server that was killed comes back, and answers as before';
  if (process.platform === 'win32') return notRun(title, 'Windows has no ps');
  test(title, async () => {
    const [document] = await inEachKind('models:/iris/3');
    await until(async () => (await cardIn(document!)) || undefined, 'a card');
    const [before] = languageServers();
    process.kill(before!, 'SIGKILL');
    await until(async () => !languageServers().includes(before!) && languageServers().length === 1, 'another server');
    const text = await until(async () => (await cardIn(document!)) || undefined, 'a card of the other server');
    assert.match(text, /iris v3/);
  });
}

/** Returns the process ids of language servers. */
function languageServers(): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(`--data ${dataFolder} lsp --stdio`)).map((line) => Number.parseInt(line));
}

/** Opens the same reference in Python, in YAML and in a cell of a notebook, none of them on disk. */
async function inEachKind(reference: string): Promise<vscode.TextDocument[]> {
  const open = (language: string, content: string): Thenable<vscode.TextDocument> =>
    vscode.workspace.openTextDocument({ language, content });
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, `x = "${reference}"`, 'python');
  const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', new vscode.NotebookData([cell]));
  await vscode.window.showNotebookDocument(notebook);
  return [
    await open('python', `# 🦊\nx = "${reference}"\n`),
    await open('yaml', `model: ${reference}\n`),
    notebook.cellAt(0).document,
  ];
}

function caretIn(document: vscode.TextDocument): vscode.Position {
  return document.positionAt(document.getText().indexOf('models:/') + 'models:/'.length);
}

function wholeOf(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(0, 0, document.lineCount, 0);
}

/** Returns the combined answers of the editor's providers. */
function ask<T>(what: string, ...given: unknown[]): Thenable<T[]> {
  return vscode.commands.executeCommand<T[]>(`vscode.execute${what}Provider`, ...given);
}

async function cardIn(document: vscode.TextDocument): Promise<string> {
  const hovers = await ask<vscode.Hover>('Hover', document.uri, caretIn(document));
  return hovers
    .flatMap(({ contents }) => contents.map((one) => (one instanceof vscode.MarkdownString ? one.value : '')))
    .join('\n');
}
