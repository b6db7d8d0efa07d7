import { dirname } from 'node:path';
import { artifactsOfRun, putRun, runsWithStatus, type ArtifactRow, type RunRow } from '../db/artifacts.ts';
import type { Run } from '../protocol/model.ts';
import { chooseVersions, type Candidate, type RunVerdict } from './choose.ts';
import { claimsOf, merged, nothingOwn } from './claims.ts';
import { makeVersion } from './make.ts';
import type { FileNotes } from './notes-cache.ts';
import { notesOfRun } from './notes-near.ts';
import { record, type IngestState } from './state.ts';
import { runFolderOf } from './run.ts';
import { stampOf, unitAtPath } from './unit.ts';
import { isAlive, type Writer } from './writers.ts';

/** A run that has not ended yet. */
export interface LiveRun {
  folder: string;
  root: string;
  startedAt: number;
  /** When anything in it was last written, epoch ms. */
  writtenAt: number;
  /** When its files were last looked at for a writer and for metrics. */
  lookedAt: number;
  /** When a process was last seen with a file of it open, epoch ms. */
  openAt: number;
  /** Processes that were seen writing in it. */
  writers: Map<number, Writer>;
  /** Status that the run's own files tell. */
  told: Run['status'] | null;
  busy: boolean;
}

const lookEveryMs = 1000;
/** However a run ends, its files must have been still for this long. */
const stillMs = 1000;
/** A process that lives on, such as a notebook's, but has had no file of the run open for this many quiet times, has left it. */
const patience = 10;
/** A trainer that says it is done may still be saving its final model. */
const toldStillMs = 5000;

/** A candidate was saved in a run: the run is live, or live again. */
export function noteRun(state: IngestState, folder: string, root: string, writtenAt: number, startedAt: number): void {
  const known = state.runs.get(folder);
  if (known) {
    known.writtenAt = Math.max(known.writtenAt, writtenAt);
    return;
  }
  const run: LiveRun = {
    folder,
    root,
    startedAt,
    writtenAt,
    lookedAt: 0,
    openAt: 0,
    writers: new Map(),
    told: null,
    busy: false,
  };
  state.runs.set(folder, run);
  save(state, run, 'running', [], null);
}

/** Something was written somewhere: the live runs that it lies in have heard of it. */
export function hearOf(state: IngestState, folder: string): void {
  for (const run of state.runs.values()) {
    if (folder === run.folder || folder.startsWith(`${run.folder}/`))
      run.writtenAt = Math.max(run.writtenAt, state.ctx.now());
  }
}

/** Takes up the runs that were live when the daemon stopped. */
export function resumeRuns(state: IngestState): void {
  for (const row of runsWithStatus(state.ctx.db, 'running', 10_000)) {
    const { folder, root, startedAt, updatedAt } = row;
    if (!state.roots.has(root)) continue;
    const rest = { lookedAt: 0, openAt: 0, writers: new Map<number, Writer>(), told: null, busy: false };
    state.runs.set(folder, { folder, root, startedAt, writtenAt: updatedAt, ...rest });
  }
}

/** Looks after every live run: its writers, its metrics, its end. Called often. */
export function tendRuns(state: IngestState): void {
  for (const run of state.runs.values()) {
    if (run.busy || state.closing) continue;
    run.busy = true;
    tend(state, run)
      .catch((error: unknown) => {
        if (!state.closing)
          state.ctx.log.error('a run could not be followed', { folder: run.folder, error: String(error) });
      })
      .finally(() => (run.busy = false));
  }
}

async function tend(state: IngestState, run: LiveRun): Promise<void> {
  const now = state.ctx.now();
  const due = now - run.lookedAt >= lookEveryMs;
  const fresh = run.writtenAt > run.lookedAt;
  if (due && (fresh || run.writers.size > 0)) await lookForWriters(state, run, now);
  if (due && fresh) {
    const notes = await readRun(state, run);
    run.told = toldStatus(notes);
    save(state, run, 'running', notes, null);
  }
  if (hasEnded(state, run)) await endRun(state, run);
}

async function lookForWriters(state: IngestState, run: LiveRun, now: number): Promise<void> {
  run.lookedAt = now;
  for (const writer of await state.inspector.writers(run.folder)) {
    run.writers.set(writer.pid, writer);
    run.openAt = now;
  }
}

function toldStatus(notes: readonly FileNotes[]): Run['status'] | null {
  const told = notes.map((file) => file.notes.status).filter((status) => status === 'finished' || status === 'failed');
  return told.at(-1) ?? null;
}

function hasEnded(state: IngestState, run: LiveRun): boolean {
  const still = state.ctx.now() - run.writtenAt;
  if (still < stillMs || unsettledIn(state, run.folder)) return false;
  const writers = [...run.writers.values()];
  if (writers.length > 0 && writers.every((writer) => !isAlive(writer))) return true;
  if (run.told !== null) return still >= Math.min(toldStillMs, state.timing.runQuietMs);
  const { runQuietMs } = state.timing;
  if (writers.length === 0) return still >= runQuietMs;
  return Math.min(still, state.ctx.now() - run.openAt) >= runQuietMs * patience;
}

function unsettledIn(state: IngestState, folder: string): boolean {
  return [...state.pending.values()].some(
    (pending) => pending.incomplete === undefined && pending.unit.path.startsWith(`${folder}/`),
  );
}

async function readRun(state: IngestState, run: LiveRun): Promise<FileNotes[]> {
  return state.inspector.notes(run.root, run.folder, notesOfRun(state.disk, run.folder));
}

function save(
  state: IngestState,
  run: LiveRun,
  status: Run['status'],
  notes: readonly FileNotes[],
  endedAt: number | null,
): void {
  const { metrics, params } = merged(claimsOf(nothingOwn, notes, run.folder));
  const { folder, root, startedAt, writtenAt } = run;
  const row: RunRow = { folder, root, status, startedAt, updatedAt: writtenAt, endedAt, params, metrics };
  putRun(state.ctx.db, row);
  const { root: _root, ...view } = row;
  state.ctx.publish({ kind: 'run', run: view });
}

/** The run's best save becomes a version; the others stay listed with it. */
async function endRun(state: IngestState, run: LiveRun): Promise<void> {
  const rows = artifactsOfRun(state.ctx.db, run.folder).filter(
    (row) => row.state === 'candidate' && row.seenAt >= run.startedAt,
  );
  const notes = await readRun(state, run);
  const candidates = await Promise.all(rows.map((row) => asCandidate(state, run, row)));
  const there = candidates.filter((one) => one !== undefined);
  const chosen = isSigned(state, run) ? chooseVersions(run.folder, there, verdictOf(notes, candidates)) : there;
  const versions = [];
  for (const one of chosen) versions.push(await registerChosen(state, run, one));
  state.runs.delete(run.folder);
  const [version] = versions.filter((one) => one !== undefined);
  if (version) explainOthers(state, run, version);
  save(state, run, run.told ?? 'finished', notes, state.ctx.now());
}

/** Whether trackers left signs of the run. Without them it is told by paths that were saved again: each is a model of its own. */
function isSigned(state: IngestState, { root, folder }: LiveRun): boolean {
  return runFolderOf(state.disk, root, folder, 0, Infinity) === folder;
}

interface Inspected extends Candidate {
  checkpoint: { monitor: string | null; best: string | null };
}

async function asCandidate(state: IngestState, run: LiveRun, row: ArtifactRow): Promise<Inspected | undefined> {
  const unit = unitAtPath(state.disk, run.root, row.path);
  const stamp = unit && stampOf(unit);
  if (!unit || !stamp) return undefined;
  const found = await state.inspector.inspect(unit);
  if (found.state !== 'whole' && found.state !== 'unmarked') return undefined;
  const recorded = found.facts.metadata['checkpoint'];
  const text = (key: string): string | null => {
    const value =
      recorded !== null && typeof recorded === 'object' && !Array.isArray(recorded) ? recorded?.[key] : null;
    return typeof value === 'string' ? value : null;
  };
  return { row, metrics: found.facts.metrics, checkpoint: { monitor: text('monitor'), best: text('bestModelPath') } };
}

function verdictOf(notes: readonly FileNotes[], candidates: readonly (Inspected | undefined)[]): RunVerdict {
  const told = notes.flatMap((file) => Object.values(file.notes.best).map((best) => `checkpoint-${best.step}`));
  const last = candidates.findLast((one) => one?.checkpoint.best);
  const names = [...told, ...(last?.checkpoint.best ? [last.checkpoint.best] : [])];
  return { bestNames: names, metric: last?.checkpoint.monitor ?? null };
}

async function registerChosen(state: IngestState, run: LiveRun, chosen: Candidate): Promise<ArtifactRow | undefined> {
  const unit = unitAtPath(state.disk, run.root, chosen.row.path);
  const stamp = unit && stampOf(unit);
  if (!unit || !stamp) return undefined;
  const found = await state.inspector.inspect(unit);
  if (found.state !== 'whole' && found.state !== 'unmarked') return undefined;
  return makeVersion(
    state,
    { unit, stamp, facts: found.facts, marked: found.state === 'whole' },
    run.folder,
    ', the best of its run',
  );
}

function explainOthers(state: IngestState, run: LiveRun, version: ArtifactRow): void {
  for (const row of artifactsOfRun(state.ctx.db, run.folder)) {
    if (row.state !== 'candidate') continue;
    const from = version.path.slice(dirname(run.folder).length + 1);
    const reason = `a save of a run that ended; ${version.model}@${version.version} was made of ${from}`;
    record(state, { ...row, reason });
  }
}
