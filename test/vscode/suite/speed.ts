import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { Extension } from '../../../extension/context.ts';
import { extension, modelRow, otherClient, pause, until } from './at-work.ts';
import { measureHeld } from './held.ts';
import type { InHost } from './run.ts';

/** Measures the extension in its host, for the bench: a trusted window on a folder with three runs of one script at outputs/iris. */
export function suite({ test, figure }: InHost): void {
  test('the view opens', async () => {
    const began = performance.now();
    await vscode.commands.executeCommand('plinth.models.focus');
    await until(async () => {
      const { children } = await modelRow('iris');
      return children?.filter(({ label }) => /^v\d+$/.test(label)).length === 3;
    }, 'three versions');
    figure('viewOpened', performance.now() - began);
  });

  test('another client promotes', async () => {
    const { models } = await extension();
    const client = await otherClient();
    const took: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const version = String(1 + (round % 3));
      const began = performance.now();
      await client.call('POST /models/:model/versions/:version/promote', { model: 'iris', version, alias: 'champion' });
      await until(() => {
        const row = models.roots.find(({ label }) => label === 'iris');
        return row?.children?.some(({ label }) => label === `@champion → v${version}`);
      }, `@champion → v${version}`);
      took.push(performance.now() - began);
    }
    figure('eventToTreeP95', took.toSorted((a, b) => a - b)[18] ?? NaN);
  });

  test('events come and a person types, with 200 references in view', async () => {
    // The last one names no version, which is told.
    const lines = Array.from({ length: 200 }, (_, n) => `m${n} = "models:/iris/${n === 199 ? 99 : 1 + (n % 3)}"`).join(
      '\n',
    );
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: lines });
    const editor = await vscode.window.showTextDocument(document);
    await until(() => vscode.languages.getDiagnostics(document.uri).length > 0, 'diagnostics');
    const client = await otherClient();
    const events = await measureHeld(async () => {
      for (let n = 0; n < 40; n += 1) {
        const request = { model: 'iris', version: String(1 + (n % 3)), alias: 'champion' };
        await client.call('POST /models/:model/versions/:version/promote', request);
        await pause(50);
      }
    });
    const typing = await measureHeld(async () => {
      for (let n = 0; n < 200; n += 1) await editor.edit((edit) => edit.insert(new vscode.Position(n % 200, 0), ' '));
      await pause(500);
    });
    figure('heldByEventsP95', events.p95);
    figure('heldByEventsLongest', events.longest);
    figure('heldByTypingP95', typing.p95);
    figure('heldByTypingLongest', typing.longest);
  });

  test('the extension is loaded and activated 20 times', async () => {
    const took = (await activations(await extension(), 20)).toSorted((a, b) => a - b);
    figure('activatedMedian', took[10] ?? NaN);
    figure('activatedP95', took[18] ?? NaN);
  });
}

/**
 * Returns the ms that it takes to load the bundle again and activate it, after the extension was deactivated. Each time it loads
 * a copy, because a module of a known address is not read again.
 */
async function activations({ context }: Extension, times: number): Promise<number[]> {
  const bundle = context.asAbsolutePath('dist/extension');
  const took: number[] = [];
  for (let round = 0; round < times; round += 1) {
    for (const one of context.subscriptions.splice(0)) (one as vscode.Disposable).dispose();
    await pause(50);
    const copy = context.asAbsolutePath(`dist/extension-${round}`);
    cpSync(bundle, copy, { recursive: true });
    const began = performance.now();
    const { activate } = (await import(pathToFileURL(join(copy, 'extension.js')).href)) as {
      activate(context: vscode.ExtensionContext): Extension;
    };
    activate(context);
    took.push(performance.now() - began);
    rmSync(copy, { recursive: true });
  }
  return took;
}
