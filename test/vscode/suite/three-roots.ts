import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, otherClient, until } from './at-work.ts';
import type { InHost } from './run.ts';

/** Runs in a trusted window on a workspace of three folders: one with iris, one with breast-cancer, one with nothing to register. */
export function suite({ test }: InHost): void {
  test('each of three folders is watched once', async () => {
    const { service } = await extension();
    await vscode.commands.executeCommand('plinth.models.focus');
    const folders = vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [];
    assert.equal(folders.length, 3);
    await until(() => service.mirror.status?.roots.length === 3, 'three watched folders');
    const { roots } = await (await otherClient()).call('GET /roots', {});
    assert.deepEqual(roots.map(({ path }) => path).toSorted(), folders.toSorted());
  });

  test('the models of all folders stand in one tree', async () => {
    const { models } = await extension();
    const labels = await until(() => models.roots.length >= 2 && models.roots.map(({ label }) => label), 'two models');
    assert.deepEqual(labels.toSorted(), ['breast-cancer', 'iris']);
  });

  test('a folder that is no longer watched is watched again by the command', async () => {
    const [first] = vscode.workspace.workspaceFolders ?? [];
    const client = await otherClient();
    await client.call('POST /roots/remove', { path: first!.uri.fsPath });
    await until(async () => (await client.call('GET /roots', {})).roots.length === 2, 'two watched folders');
    await vscode.commands.executeCommand('plinth.watchFolder', first!.uri);
    assert.equal((await client.call('GET /roots', {})).roots.length, 3);
  });
}
