import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import { findDaemon } from '../../../daemon/clients/client/discover.ts';
import { connect, type Client } from '../../../daemon/clients/client/request.ts';
import type { Pointer } from '../../../daemon/protocol/model.ts';
import type { Extension } from '../../../extension/context.ts';
import type { ForTests } from '../../../extension/extension.ts';
import type { Node } from '../../../extension/trees/nodes.ts';

/** Returns the activated extension under test. */
export async function extension(): Promise<Extension> {
  const found = vscode.extensions.getExtension<ForTests>('plinth.plinth');
  if (!found) throw new Error('the extension is not there');
  return (await found.activate()).extension;
}

/** Calls again until there is an answer. Throws a message that says what was expected when there is none in time. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  ms = 20_000,
): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; await pause(20)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`${what} did not come within ${ms} ms`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const dataFolder = process.env['PLINTH_DATA'] ?? '';

/** Connects as another client than the window. */
export async function otherClient(): Promise<Client> {
  const daemon = await findDaemon(dataFolder);
  if (!daemon) throw new Error('no registry service runs');
  return connect(daemon, 'test');
}

export async function production(model: string): Promise<Pointer | undefined> {
  const { pointers } = await (await otherClient()).call('GET /models/:model', { model });
  return pointers.find(({ name }) => name === 'production');
}

/** Returns the row of a model with its children, once the tree has them. */
export async function modelRow(name: string): Promise<Node> {
  const { models } = await extension();
  const label = (): Node | undefined => models.roots.find((root) => root.label === name);
  const closed = await until(label, `${name} in the tree`);
  models.getChildren(closed);
  return until(() => (label()?.children ? label() : undefined), `the versions of ${name}`);
}

/** Returns a row below a model, by the beginning of its label. */
export async function rowBelow(model: string, label: string): Promise<Node> {
  const find = async (): Promise<Node | undefined> =>
    (await modelRow(model)).children?.find((child) => child.label.startsWith(label));
  return until(find, `${label} below ${model}`);
}

export async function versionRow(model: string, number: number): Promise<Node> {
  const find = async (): Promise<Node | undefined> =>
    (await modelRow(model)).children?.find((child) => child.label === `v${number}`);
  return until(find, `v${number} below ${model}`);
}

/** Presses Enter in every open quick pick or input box until the command that opened it has ended. */
export async function enterUntil(running: Thenable<unknown>): Promise<void> {
  let ended = false;
  const end = Promise.resolve(running).finally(() => (ended = true));
  for (let tries = 0; !ended && tries < 50; tries += 1) {
    await pause(200);
    if (!ended) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
  await end;
}

/** Returns how many processes serve a data folder (Linux). */
export function servicesOf(folder: string): number {
  const lines = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(`serve --data ${folder}`)).length;
}
