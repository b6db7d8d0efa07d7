import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Caller, Context } from '../context.ts';
import { trustedFile, trustText } from '../db/policy/policies.ts';
import { RegistryError } from '../errors.ts';
import { readPlinthFile } from './parse.ts';
import type { TrustReply } from '../protocol/policy.ts';
import type { Changed } from '../protocol/shapes.ts';
import { readText, type PolicyText } from './find.ts';
import type { CalledFiles } from './called-files.ts';
import { calledBy, commandsOf, untrustedNow } from './trusted-files.ts';
import { statAt } from '../runtime/file-reader.ts';

/**
 * Lists the commands of a plinth.yaml, and whether the user trusts its text and the files that it calls in their present state.
 * Throws `not-found` or `invalid-request`.
 */
export function trustOf(ctx: Context, path: string): TrustReply {
  return lookAt(ctx, path).reply;
}

function lookAt(ctx: Context, path: string): { reply: TrustReply; source: PolicyText; files: CalledFiles } {
  const source = soundFile(path);
  const files = calledBy(source.path, source.text, true);
  const text = trustText(source.digest, files);
  const reply: TrustReply = {
    path: source.path,
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    trusted: untrustedNow(ctx, source) === null,
    commands: commandsOf(source.text),
    files: Object.keys(files).toSorted(),
  };
  return { reply, source, files };
}

/** Trusts the commands of a file, until its text or a file that it calls changes. Only for the local user. */
export async function trust(
  ctx: Context,
  caller: Caller,
  path: string,
  expected?: string,
): Promise<TrustReply & Changed> {
  assertPerson(caller);
  const { reply: found, source, files } = lookAt(ctx, path);
  if (expected !== undefined && expected !== found.digest)
    throw new RegistryError('conflict', `${found.path} or a file that it calls has changed. Review it again.`);
  const body = { path: found.path, digest: source.digest, ...(found.files.length > 0 ? { files } : {}) };
  return ctx.commit(caller, () => ({
    events: [{ type: 'file.trusted/1', body }],
    result: ([made]) => ({ ...found, trusted: true, seq: made!.seq, hash: made!.hash }),
  }));
}

/** Withdraws the trust in a file. Throws `not-found` if it was never trusted. */
export async function distrust(ctx: Context, caller: Caller, path: string): Promise<Changed> {
  const file = fileAt(path);
  return ctx.commit(caller, () => {
    if (!trustedFile(ctx.db, file))
      throw new RegistryError('not-found', `${file} is not trusted, so its commands do not run.`);
    return {
      events: [{ type: 'file.untrusted/1', body: { path: file } }],
      result: ([made]) => ({ seq: made!.seq, hash: made!.hash }),
    };
  });
}

function assertPerson({ rights }: Caller): void {
  if (rights && rights.token === null) return;
  throw new RegistryError('forbidden', 'Only the local user can trust commands.');
}

function fileAt(path: string): string {
  if (!isAbsolute(path)) throw new RegistryError('invalid-request', 'Give the absolute path of the file.');
  return statAt(path)?.isDirectory() === true ? join(path, 'plinth.yaml') : path;
}

export function soundFile(path: string): PolicyText {
  const file = fileAt(path);
  const found = readText(file);
  if (!found) throw new RegistryError('not-found', `${file} does not exist. Check the path.`);
  const [first] = readPlinthFile(found.text).problems;
  const problem = found.problem ?? (first && `${first.line}:${first.column}: ${first.message}`);
  if (problem) throw new RegistryError('invalid-request', `${file}:${problem}`);
  return found;
}
