import { dirname, join } from 'node:path';
import { artifactsOfRun, putRun, runsWithStatus, type ArtifactRow, type RunRow } from '../../db/artifacts.ts';
import type { Run } from '../../protocol/model.ts';
import { bestBy, chooseVersions, type Candidate, type RunVerdict } from './select-checkpoint.ts';
import { claimsOf, merged, nothingOwn } from '../register/evidence.ts';
import { makeVersion } from '../register/register-artifact.ts';
import type { FileNotes } from '../run-logs/cache.ts';
import { notesOfRun } from '../run-logs/locate.ts';
import type { IngestState } from '../state.ts';
import { runFolderOf } from './detect.ts';
import { walk, wanted } from '../watch/scan-folder.ts';
import { offer } from '../settle/settler.ts';
import { stampOf, unitAtPath } from '../artifact/files.ts';
import { isAlive, type Writer } from '../settle/writers.ts';

/** A run that has not ended yet. */
export interface LiveRun {
  folder: string;
  root: string;
  startedAt: number;
  /** When anything in it was last written, epoch ms. */
  writtenAt: number;
  /** When its files were last looked at for a writer. */
  lookedAt: number;
  /** When what they say was last read, and how long that took. */
  readAt: number;
  readMs: number;
  /** When a process was last seen with a file of it open, or the run was taken up again, epoch ms. */
  openAt: number;
  /** Processes that were seen writing in it. */
  writers: Map<number, Writer>;
  /** Status that the run's own files tell. */
  told: Run['status'] | null;
  busy: boolean;
}

const lookEveryMs = 1000;
/** A point that was just logged is to be seen within half a second; what is slow to read is read less often. */
const readEveryMs = 200;
const pausePerReadMs = 10;
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
    readAt: 0,
    readMs: 0,
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

/** Takes up the runs of a root that were live when it was last watched. */
export function resumeRuns(state: IngestState, of: string): void {
  for (const row of runsWithStatus(state.ctx.db, 'running', 10_000)) {
    const { folder, root, startedAt, updatedAt } = row;
    if (root !== of) continue;
    const look = { lookedAt: 0, readAt: 0, readMs: 0, openAt: state.ctx.now() };
    const rest = { ...look, writers: new Map<number, Writer>(), told: null, busy: false };
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
  const pause = Math.max(readEveryMs, pausePerReadMs * run.readMs);
  if (run.writtenAt >= run.readAt && now - run.readAt >= pause) await follow(state, run, now);
  if (hasEnded(state, run) && (await isAllSeen(state, run))) await endRun(state, run);
}

async function follow(state: IngestState, run: LiveRun, now: number): Promise<void> {
  run.readAt = now;
  const began = performance.now();
  const notes = await readRun(state, run);
  run.readMs = performance.now() - began;
  run.told = toldStatus(notes);
  save(state, run, 'running', notes, null);
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
  const quiet = Math.min(still, state.ctx.now() - run.openAt);
  return quiet >= (writers.length === 0 ? runQuietMs : runQuietMs * patience);
}

/** The disk is asked once more before a run ends: of its last save nobody may have been told. */
async function isAllSeen(state: IngestState, run: LiveRun): Promise<boolean> {
  await walk(state, run.root, run.folder, (units) => {
    for (const unit of wanted(state, units)) offer(state, unit);
  });
  return !unsettledIn(state, run.folder);
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

/** What a run has saved and nobody has decided upon. */
function savesOf(state: IngestState, { folder, startedAt }: LiveRun): ArtifactRow[] {
  return artifactsOfRun(state.ctx.db, folder).filter((row) => row.state === 'candidate' && row.seenAt >= startedAt);
}

/** The run's best save becomes a version; the others stay listed with it. */
async function endRun(state: IngestState, run: LiveRun): Promise<void> {
  const rows = savesOf(state, run);
  const notes = await readRun(state, run);
  const candidates = await Promise.all(rows.map((row) => asCandidate(state, run, row)));
  const there = candidates.filter((one) => one !== undefined);
  const chosen = isSigned(state, run) ? chosenOf(state, run, there, verdictOf(notes, candidates)) : there;
  const versions = [];
  for (const one of chosen) versions.push(await registerChosen(state, run, one));
  const weighed = new Set(rows.map(({ path }) => path));
  if (savesOf(state, run).some(({ path }) => !weighed.has(path))) run.writtenAt = state.ctx.now();
  else state.runs.delete(run.folder);
  const [version] = versions.filter((one) => one !== undefined);
  if (version) explainOthers(state, run, version, weighed);
  save(state, run, run.told ?? 'finished', notes, state.ctx.now());
}

/** Whether a rule names it as a run, or trackers left signs of it. Without them it is told by paths that were saved again: each is a model of its own. */
function isSigned(state: IngestState, { root, folder }: LiveRun): boolean {
  if (state.rules.rulingFor(join(folder, 'any'), root)?.run === folder) return true;
  return runFolderOf(state.disk, root, folder, 0, Infinity) === folder;
}

/** By the rule that names the run, else by what trainers mean. */
function chosenOf(
  state: IngestState,
  { folder, root }: LiveRun,
  there: readonly Candidate[],
  verdict: RunVerdict,
): Candidate[] {
  const ruling = state.rules.rulingFor(join(folder, 'any'), root);
  const metric = ruling?.rule.register === 'best' ? ruling.rule.metric : null;
  if (metric === null) return chooseVersions(folder, there, verdict);
  const best = bestBy(metric, there, ruling?.source.file.metrics[metric]);
  return best ? [best] : chooseVersions(folder, there, verdict);
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

function explainOthers(state: IngestState, run: LiveRun, version: ArtifactRow, weighed: ReadonlySet<string>): void {
  for (const row of artifactsOfRun(state.ctx.db, run.folder)) {
    if (row.state !== 'candidate' || !weighed.has(row.path)) continue;
    const from = version.path.slice(dirname(run.folder).length + 1);
    const reason = `a save of a run that ended; ${version.model}@${version.version} was made of ${from}`;
    state.artifacts.transition(row.path, 'candidate', reason, row);
  }
}
