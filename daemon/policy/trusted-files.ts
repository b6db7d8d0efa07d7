import { dirname } from 'node:path';
import type { Context } from '../context.ts';
import { trustedFile } from '../db/policy/policies.ts';
import { readPlinthFile } from './parse.ts';
import { calledFiles, changedFiles, type CalledFiles } from './called-files.ts';
import type { PolicyText } from './find.ts';

const known = new WeakMap<PolicyText, string | null>();

/** Returns why the commands of a file must not run in its present state; null if the user trusts it. Cached for each reading of the file. */
export function untrustedReason(ctx: Context, source: PolicyText): string | null {
  const before = known.get(source);
  if (before !== undefined) return before;
  const reason = reasonNow(ctx, source, false);
  known.set(source, reason);
  return reason;
}

/** Like `untrustedReason`, but reads every byte again. For use right before a command starts and after it has ended. */
export function untrustedNow(ctx: Context, source: PolicyText): string | null {
  return reasonNow(ctx, source, true);
}

function reasonNow(ctx: Context, { path, text, digest }: PolicyText, fresh: boolean): string | null {
  const trusted = trustedFile(ctx.db, path);
  if (trusted?.digest !== digest)
    return `The commands of ${path} are not trusted, so none of them runs. Review them, then run: plinth trust`;
  const changed = changedFiles(trusted.files, calledBy(path, text, fresh));
  if (changed.length === 0) return null;
  return `changed since it was trusted: ${changed.slice(0, 5).join(', ')}. Review it and run: plinth trust`;
}

/** Hashes the files below its folder that the commands of a plinth.yaml call. */
export function calledBy(path: string, text: string, fresh: boolean): CalledFiles {
  const { runs, results } = namedIn(text);
  return calledFiles(dirname(path), runs, results, fresh);
}

/** Returns the commands in a plinth.yaml, each once. */
export function commandsOf(text: string): string[] {
  return namedIn(text).runs;
}

function namedIn(text: string): { runs: string[]; results: string[] } {
  const { models } = readPlinthFile(text).file;
  const gates = models.flatMap((rule) => Object.values(rule.gates).flat()).filter((gate) => gate.gate === 'command');
  const deployments = models.flatMap((rule) => Object.values(rule.deployment));
  return {
    runs: [...new Set([...gates, ...deployments].map(({ run }) => run))],
    results: gates.flatMap(({ result }) => result ?? []),
  };
}
