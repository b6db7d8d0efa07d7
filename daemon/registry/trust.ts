import { isAbsolute, join } from 'node:path';
import { statSync } from 'node:fs';
import type { Caller, Context } from '../context.ts';
import { policyRow, trustedDigest } from '../db/rules.ts';
import { RegistryError } from '../errors.ts';
import { readPlinthFile } from '../formats/plinth-yaml.ts';
import type { TrustReply } from '../protocol/rules.ts';
import type { Changed } from '../protocol/routes.ts';
import { readText, type PolicyText } from './policy/file.ts';
import { findModel } from './resolve.ts';

/** What a plinth.yaml would run, and whether it may: of its text as it stands. Throws `not-found` or `invalid-request`. */
export function trustOf(ctx: Context, path: string): TrustReply {
  const { path: file, digest, text } = soundFile(path);
  return { path: file, digest, trusted: trustedDigest(ctx.db, file) === digest, commands: commandsIn(text) };
}

/** Lets run what the file names, as long as its text is this one. Only the person at this machine may say so. */
export async function trust(
  ctx: Context,
  caller: Caller,
  path: string,
  expected?: string,
): Promise<TrustReply & Changed> {
  assertPerson(caller);
  const found = trustOf(ctx, path);
  if (expected !== undefined && expected !== found.digest)
    throw new RegistryError('conflict', `${found.path} was changed meanwhile; read it again`);
  return ctx.commit(caller, () => ({
    events: [{ type: 'file.trusted/1', body: { path: found.path, digest: found.digest } }],
    result: ([made]) => ({ ...found, trusted: true, seq: made!.seq, hash: made!.hash }),
  }));
}

/** Nothing that the file names runs any more. */
export async function distrust(ctx: Context, caller: Caller, path: string): Promise<Changed> {
  const file = fileAt(path);
  return ctx.commit(caller, () => ({
    events: [{ type: 'file.untrusted/1', body: { path: file } }],
    result: ([made]) => ({ seq: made!.seq, hash: made!.hash }),
  }));
}

/** Binds a model to the plinth.yaml that decides for it from now on. Throws `not-found` or `invalid-request`. */
export async function bindPolicy(ctx: Context, caller: Caller, modelName: string, path: string): Promise<Changed> {
  const { path: file, digest } = soundFile(path);
  return ctx.commit(caller, () => {
    const model = findModel(ctx, modelName);
    if (policyRow(ctx.db, model.id)?.path === file)
      throw new RegistryError('conflict', `${model.name} follows ${file} already`);
    return {
      events: [{ type: 'model.policy/1', body: { model: model.id, path: file, digest } }],
      result: ([made]) => ({ seq: made!.seq, hash: made!.hash }),
    };
  });
}

function assertPerson({ rights }: Caller): void {
  if (rights && rights.token === null) return;
  throw new RegistryError('forbidden', 'only the local user may trust what a file would run');
}

function fileAt(path: string): string {
  if (!isAbsolute(path)) throw new RegistryError('invalid-request', 'name the file by its absolute path');
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, 'plinth.yaml') : path;
}

function soundFile(path: string): PolicyText {
  const file = fileAt(path);
  const found = readText(file);
  if (!found) throw new RegistryError('not-found', `there is no ${file}`);
  const [first] = readPlinthFile(found.text).problems;
  const problem = found.problem ?? (first && `${first.line}:${first.column}: ${first.message}`);
  if (problem) throw new RegistryError('invalid-request', `${file}:${problem}`);
  return found;
}

function commandsIn(text: string): string[] {
  const { models } = readPlinthFile(text).file;
  const gates = models.flatMap((rule) => Object.values(rule.gates).flat());
  const deployments = models.flatMap((rule) => Object.values(rule.deployment));
  return [
    ...new Set([
      ...gates.flatMap((gate) => (gate.gate === 'command' ? gate.run : [])),
      ...deployments.map(({ run }) => run),
    ]),
  ];
}
