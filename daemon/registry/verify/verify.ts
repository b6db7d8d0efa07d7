import type { Context } from '../../context.ts';
import type { BlobScope } from '../../db/named-blobs.ts';
import { rebuildFix } from '../../db/check/check.ts';
import { versionsWithoutFiles } from '../../db/versions.ts';
import { messageOf } from '../../errors.ts';
import type { LogHead, VerifyFault, VerifyReply } from '../../protocol/verify.ts';
import { workerScript, workerThread, type WorkerThread } from '../../runtime/worker-thread.ts';
import { externalText } from '../versions/external-bytes.ts';
import { findModel, findVersion, labelOf } from '../versions/resolve.ts';
import { badBlobFaults, lackingFault, versionFaults } from './bad-blobs.ts';
import type { CheckReply, VerifyOperations } from './verify-worker.ts';

export interface VerifyOptions {
  /** Heads of the log that were kept elsewhere. */
  heads?: readonly LogHead[] | undefined;
  /** Stops the verification when aborted, with the result so far. The next call continues there. */
  gone?: AbortSignal | undefined;
}

/**
 * Checks everything in registry.db and re-hashes every named blob, or those of one model or version, in a worker thread. Marks
 * damaged versions immediately. Throws `not-found`.
 */
export async function verifyRegistry(
  ctx: Context,
  only?: { model: string; version?: string | undefined },
  { heads = [], gone }: VerifyOptions = {},
): Promise<VerifyReply> {
  const { scope, subject } = scopeOf(ctx, only);
  const thread = workerThread<VerifyOperations>(workerScript(import.meta.url, './verify-worker.ts'));
  const end = (): void => void thread.close();
  gone?.addEventListener('abort', end);
  try {
    const request = { file: ctx.db.file, dataFolder: ctx.blobs.folder, scope, heads, now: ctx.now() };
    const checked = await thread.call('check', request);
    const reply = await withBlobs(ctx, thread, checked, subject, gone);
    const { external, unread } = externalVersions(ctx, scope);
    const versions = Math.max(0, reply.versions - external.length);
    return { ...reply, ok: reply.ok && unread.length === 0, versions, faults: [...reply.faults, ...unread], external };
  } finally {
    gone?.removeEventListener('abort', end);
    await thread.close();
  }
}

/** Returns the versions with external bytes, which cannot be verified. An unreadable table is a fault, never thrown. */
function externalVersions(ctx: Context, scope: BlobScope | null): { external: VerifyFault[]; unread: VerifyFault[] } {
  try {
    const rows = versionsWithoutFiles(ctx.db).filter(
      ({ model, number }) => !scope || (scope.model === model && (scope.number === null || scope.number === number)),
    );
    const external = rows.map((row) => ({ subject: labelOf(ctx, row), detail: externalText(row.body) }));
    return { external, unread: [] };
  } catch (error) {
    const detail = `it cannot be read (${messageOf(error)})`;
    return { external: [], unread: [{ subject: 'table versions', detail, fix: rebuildFix }] };
  }
}

function scopeOf(
  ctx: Context,
  only: { model: string; version?: string | undefined } | undefined,
): { scope: BlobScope | null; subject: string } {
  if (!only) return { scope: null, subject: 'the registry' };
  const model = findModel(ctx, only.model);
  if (only.version === undefined) return { scope: { model: model.id, number: null }, subject: model.name };
  const version = findVersion(ctx, model, only.version);
  return { scope: { model: model.id, number: version.number }, subject: labelOf(ctx, version) };
}

async function withBlobs(
  ctx: Context,
  thread: WorkerThread<VerifyOperations>,
  { plan, damaged, lacking, faults: found, ...log }: CheckReply,
  subject: string,
  gone: AbortSignal | undefined,
): Promise<Omit<VerifyReply, 'external'>> {
  const faults: VerifyFault[] = [...found];
  const seen = new Set<string>();
  const reportProgress = (done: number): void => {
    const note = `${done} of ${plan.total} blobs`;
    ctx.publish({ kind: 'progress', task: 'verify', subject, done, total: plan.total, note });
  };
  let verified = plan.earlier;
  try {
    for (let done = false; !done && gone?.aborted !== true;) {
      const batch = await thread.call('hash', null);
      verified += batch.hashed;
      faults.push(...(await badBlobFaults(ctx, batch.bad, seen)));
      reportProgress(verified);
      ({ done } = batch);
    }
  } finally {
    if (verified < plan.total) reportProgress(plan.total);
  }
  for (const [model, number] of damaged) {
    if (!seen.has(`${model}@${number}`)) faults.push(...(await versionFaults(ctx, model, number)));
  }
  faults.push(...lacking.map((one) => lackingFault(ctx, one)));
  const { total, earlier, since, versions, files, bytes } = plan;
  const ok = faults.length === 0 && verified === total;
  return { ok, ...log, versions, blobs: files, bytes, verified, total, earlier, since, faults };
}
