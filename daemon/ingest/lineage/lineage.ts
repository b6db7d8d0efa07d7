import type { Caller, Context } from '../../context.ts';
import { versionsWithoutLineage } from '../../db/lineage.ts';
import { modelByName } from '../../db/models.ts';
import { versionOf, versionView } from '../../db/versions.ts';
import type { Json } from '../../protocol/json.ts';
import { messageOf, systemCode } from '../../errors.ts';
import type { Lineage, WritingProcess } from '../../protocol/lineage.ts';
import type { Version } from '../../protocol/model.ts';
import { recordLineage } from '../../registry/versions/record-lineage.ts';
import { addEvidence } from '../../registry/versions/register.ts';
import { referenceTo } from '../../shared/references.ts';
import { groupedCalls } from '../../runtime/grouped-calls.ts';
import { workerScript, workerThread, type WorkerThread } from '../../runtime/worker-thread.ts';
import type { Execution } from '../executions/executions.ts';
import type { ProcessOperations, WrittenFile } from '../executions/process-worker.ts';
import { commandParams } from '../executions/command-params.ts';
import type { LineageOperations } from './lineage-worker.ts';
import { withoutPrivate, type SeenProcess } from '../executions/process.ts';
import type { Look, LookRequest } from './collect.ts';
import { processOf, seenWriters, type See, type SeenWriters } from './observed-writers.ts';

/** The saver of a version. `one of several`: none is recorded, unless it was seen writing that very file. */
export type LineageWriter = Execution | 'one of several';

/** Captures lineage in the background. Registration does not wait for it. */
export interface Lineages {
  /** Records the process that has just been seen writing a file, as it may have ended when the file is finished. */
  notice: SeenWriters['notice'];
  /** Captures and records the lineage of a version that was just registered. `writer`: the execution that saved it, if known. */
  capture(caller: Caller, version: Version, root: string, lastWriteAt: number, writer?: LineageWriter): void;
  /** Resolves when the lineage of a version is no longer being captured. */
  whenCaptured(model: string, number: number): Promise<void>;
  close(): Promise<void>;
}

/** Only artifacts younger than this get lineage from live state (git HEAD, running processes); for older ones it may have changed. */
const freshMs = 10 * 60_000;
const missedMs = 60 * 60_000;
/** Time without progress after which a look is given up; those that wait get a new thread. */
const lookLimitMs = 60_000;
/** Versions that one message to a thread asks about. */
const maxGroup = 64;

/** Creates the lineage service. Without `processes` no writers are recorded. */
export function lineages(
  ctx: Context,
  processes: Pick<WorkerThread<ProcessOperations>, 'call'> | undefined,
  signal: AbortSignal,
): Lineages {
  const looks = workerThread<LineageOperations>(workerScript(import.meta.url, './lineage-worker.ts'), lookLimitMs);
  const lookInGroup = groupedCalls<LookRequest, Look>(async (requests) => {
    if (signal.aborted) throw new Error('the service is stopping');
    return looks.call('look', requests);
  }, maxGroup);
  const writers = seenWriters(writerFinder(processes, signal));
  const look = async (
    { source, params }: Version,
    root: string,
    isFresh: boolean,
    saver: LineageWriter | undefined,
  ): Promise<Look> => {
    const { path, run } = source;
    const observed = await writers.writerOf(source, root, isFresh);
    const isOpen = observed?.open.includes(path) === true;
    const writer = saver === 'one of several' ? (isOpen ? observed : undefined) : processOf(saver, observed);
    const writtenAt = source.writtenAt ?? Date.now();
    const request = { path, root, run, writtenAt, isFresh, params, process: writer };
    return lookInGroup(request).catch((error: unknown) => withoutLook(error, writer));
  };
  const looking = new Map<string, Promise<void>>();
  return {
    notice: writers.notice,
    whenCaptured: async (model, number) => looking.get(referenceTo(model, number)),
    capture: (caller, version, root, lastWriteAt, writer) => {
      const isFresh = ctx.now() - Math.max(version.source.writtenAt ?? 0, lastWriteAt) < freshMs;
      const key = referenceTo(version.model, version.number);
      const done = look(version, root, isFresh, writer)
        .then((found) => (signal.aborted ? undefined : keep(ctx, { ...caller, isBackground: true }, version, found)))
        .catch((error: unknown) => {
          if (!signal.aborted) ctx.log.warn('a lineage could not be taken', { error: messageOf(error) });
        });
      looking.set(
        key,
        done.finally(() => looking.delete(key)),
      );
    },
    close: () => looks.close(),
  };
}

/** Returns a function that finds the processes that wrote files, many with one message. */
function writerFinder(processes: Pick<WorkerThread<ProcessOperations>, 'call'> | undefined, signal: AbortSignal): See {
  const findInGroup = groupedCalls<WrittenFile, SeenProcess | undefined>(async (files) => {
    if (signal.aborted) throw new Error('the service is stopping');
    return processes?.call('writers', files) ?? files.map(() => ({ reply: undefined }));
  }, maxGroup);
  return (path, places, writtenAt) => findInGroup({ path, places, writtenAt }).catch(withoutProcess);
}

function withoutProcess(error: unknown): undefined {
  if (systemCode(error) !== 'TIMEOUT') throw error;
  return undefined;
}

/** Returns a lineage with the writing process alone, and a sentence about the look that took too long. Rethrows other errors. */
function withoutLook(error: unknown, writer: SeenProcess | undefined): Look {
  if (systemCode(error) !== 'TIMEOUT') throw error;
  const missing = [`The look around it was given up: ${messageOf(error)}.`];
  const process = writer ? withoutPrivate(writer) : null;
  return { code: null, process, environment: null, data: [], seeds: {}, captured: [], missing };
}

/** Captures the lineage of versions of the last hour that have none, because the service ended. */
export function captureMissed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  service: Pick<Lineages, 'capture'>,
  rootOf: (path: string) => string | undefined,
  caller: Caller,
): void {
  for (const row of versionsWithoutLineage(db, now() - missedMs)) {
    const { kind, path } = row.body.source;
    const root = rootOf(path);
    if (root !== undefined && (kind === 'watch' || kind === 'hand'))
      service.capture(caller, versionView(db, row), root, 0);
  }
}

async function keep(ctx: Context, caller: Caller, version: Version, look: Look): Promise<void> {
  const captured = await Promise.all(
    look.captured.map(async ({ path, text }) => {
      const bytes = Buffer.from(text);
      return { path, size: bytes.length, digest: await ctx.blobs.store(bytes) };
    }),
  );
  const lineage: Lineage = { takenAt: ctx.now(), ...look, captured };
  await recordLineage(ctx, caller, version.model, version.number, lineage);
  if (look.process) await addCommandParams(ctx, caller, version, look.process);
}

/**
 * Adds params of the command line that no file records. A program's own file holds the values that it made of its arguments, so
 * it comes first.
 */
async function addCommandParams(
  ctx: Context,
  caller: Caller,
  version: Version,
  process: WritingProcess,
): Promise<void> {
  const given = commandParams(process);
  const model = modelByName(ctx.db, version.model);
  const recorded = (model && versionOf(ctx.db, model.id, version.number))?.params ?? {};
  const rest = Object.entries(given).filter(([name]) => !isRecorded(recorded, name));
  if (rest.length === 0) return;
  const origin = { rule: 'same-run', reason: 'the process that saved the model was started with it' } as const;
  const evidence = { source: 'command', metrics: {}, params: Object.fromEntries(rest), origin };
  await addEvidence(ctx, caller, version.model, String(version.number), evidence);
}

/** True if a param is recorded under its whole name or nested: `train.lr` as `lr` in `train`. */
function isRecorded(recorded: Readonly<Record<string, Json>>, name: string): boolean {
  if (Object.hasOwn(recorded, name)) return true;
  const at = name.indexOf('.');
  const inner = at < 0 ? undefined : recorded[name.slice(0, at)];
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return false;
  return isRecorded(inner, name.slice(at + 1));
}
