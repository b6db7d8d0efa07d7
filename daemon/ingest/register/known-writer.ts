import { logWrites, putLogWrite, type LogState } from '../../db/log-writes.ts';
import type { Database } from '../../db/database.ts';
import { watchedRoots } from '../../db/roots.ts';
import type { Logger } from '../../log.ts';
import { statAt } from '../../runtime/file-reader.ts';
import type { Executions, SaveWriter } from '../executions/executions.ts';
import type { KnownWriter } from './evidence-rule.ts';

/** Dependencies for finding the writer of a file. */
export interface WriterParts {
  readonly ctx: { readonly db: Database };
  readonly executions: Pick<Executions, 'since' | 'writerOf'>;
}

const maxCommand = 400;
/** The file was written before its folder was watched, or was copied here. */
const old = { kind: 'unknown', reason: 'it was copied here, or was there before anybody looked' } as const;

/**
 * Returns true if no training process is known to have written the file: it is older than the service, or an editor or a program
 * that moves files wrote it.
 */
export function isNoTraining(writer: KnownWriter): boolean {
  return (
    writer.kind === 'ended' || writer.kind === 'mover' || (writer.kind === 'unknown' && writer.reason === old.reason)
  );
}

/** Returns the part of a writer that is stored. An execution itself changes while it runs. */
export function knownWriter(writer: SaveWriter): KnownWriter {
  if (writer.kind === 'mover') return writer.program === null ? old : { kind: 'mover', program: writer.program };
  if (writer.kind === 'unknown')
    return { kind: writer.kind, reason: writer.reason, ...(writer.among && { isOneOfSeveral: true }) };
  if (writer.kind !== 'execution') return writer;
  const { id, kind, command, script, startedAt } = writer.execution;
  return {
    kind: 'execution',
    id,
    isKernel: kind === 'kernel',
    command: command.join(' ').slice(0, maxCommand),
    script,
    startedAt,
  };
}

/** Returns the writer of a file; unknown if it was written before its folder was watched. */
export async function writerOf(
  { ctx, executions }: WriterParts,
  path: string,
  root: string,
  writtenAt: number,
): Promise<KnownWriter> {
  const writer = knownWriter(await executions.writerOf(path, root, writtenAt));
  const watched = watchedRoots(ctx.db).find((one) => one.path === root);
  const since = Math.max(executions.since, watched?.addedAt ?? executions.since);
  if (writer.kind !== 'ended' || writtenAt >= since) return writer;
  return old;
}

/** Returns the state of a file on disk; undefined if it is no regular file. */
export function stateOf(path: string): LogState | undefined {
  const stats = statAt(path);
  return stats?.isFile() === true ? { path, writtenAt: Math.round(stats.mtimeMs), size: stats.size } : undefined;
}

/** Returns the recorded writer of a run log's state. If none is recorded, determines the writer and records it. */
export async function writerOfLog(parts: WriterParts, state: LogState, root: string): Promise<KnownWriter> {
  const noted = notedWriter(parts, state);
  if (noted) return noted;
  const writer = await writerOf(parts, state.path, root, state.writtenAt);
  putLogWrite(parts.ctx.db, { ...state, writer: JSON.stringify(writer) });
  return writer;
}

/** Returns the recorded writer of a run log's state; undefined for none. */
export function notedWriter(
  { ctx }: Pick<WriterParts, 'ctx'>,
  { path, writtenAt, size }: LogState,
): KnownWriter | undefined {
  const noted = logWrites(ctx.db, path).find((one) => one.writtenAt === writtenAt && one.size === size);
  return noted && writerFrom(noted.writer);
}

const againMs = 500;
const maxNoted = 1000;

/**
 * Returns a function that records the writers of run logs while they are written; of a log that is written constantly only now
 * and then.
 */
export function logWriterRecorder(parts: WriterParts & { ctx: { log: Logger } }): (root: string, path: string) => void {
  const noted = new Map<string, number>();
  return (root, path) => {
    const now = Date.now();
    const state = Math.abs(now - (noted.get(path) ?? 0)) < againMs ? undefined : stateOf(path);
    if (!state) return;
    if (noted.size > maxNoted) noted.clear();
    noted.set(path, now);
    writerOfLog(parts, state, root).catch((error: unknown) => {
      parts.ctx.log.warn('the writer of a run log could not be determined', { path, error: String(error) });
    });
  };
}

export function writerFrom(text: string): KnownWriter {
  return JSON.parse(text) as KnownWriter;
}
