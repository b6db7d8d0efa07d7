import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { findDaemon } from '../../../daemon/clients/client/discover.ts';
import { dataFolder, extension, otherClient, pause, servicesOf, until } from './at-work.ts';
import type { InHost } from './run.ts';

/** Runs in a window in Restricted Mode on a folder with training outputs. */
export function suite({ test }: InHost): void {
  test('the window is in Restricted Mode', async () => {
    await extension();
    assert.equal(vscode.workspace.isTrusted, false);
  });

  test('opening the view starts no process and makes no data folder', async () => {
    const { service } = await extension();
    await vscode.commands.executeCommand('plinth.models.focus');
    await until(() => service.mirror.phase === 'stopped', 'the first state');
    await pause(3000);
    assert.equal(await findDaemon(dataFolder), undefined);
    assert.equal(existsSync(dataFolder), false);
    if (process.platform === 'linux') assert.equal(servicesOf(dataFolder), 0);
  });

  test('a service that runs already is read, and nothing is watched', async () => {
    const { service, context, models } = await extension();
    const script = context.asAbsolutePath('dist/plinth.js');
    const running = spawn(process.execPath, [script, 'serve', '--quiet', '--data', dataFolder], { stdio: 'ignore' });
    await until(() => findDaemon(dataFolder), 'a service started elsewhere');
    const path = join(
      vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '',
      'outputs',
      'iris',
      'v1',
      'model.joblib',
    );
    const client = await otherClient();
    await client.call('POST /register', { path, model: 'elsewhere' });
    await vscode.commands.executeCommand('workbench.view.explorer');
    await pause(500);
    await vscode.commands.executeCommand('plinth.models.focus');
    await until(() => service.mirror.phase === 'running', 'the window connected');
    await until(() => models.roots.some(({ label }) => label === 'elsewhere'), 'the model in the tree');
    await pause(1000);
    assert.deepEqual((await client.call('GET /roots', {})).roots, []);
    assert.equal((await client.call('GET /status', {})).versions, 1);
    const document = await vscode.workspace.openTextDocument({
      language: 'python',
      content: `a = "models:/elsewhere/1"\nb = joblib.load("${path}")\n`,
    });
    const cards = async (line: number): Promise<number> => {
      const at = new vscode.Position(line, 18);
      return (await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at))
        .length;
    };
    await until(async () => (await cards(0)) === 1, 'the card of a reference');
    running.kill('SIGTERM');
  });
}
