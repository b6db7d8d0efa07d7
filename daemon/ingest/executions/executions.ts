import { dirname } from 'node:path';
import type { Context } from '../../context.ts';
import type { WorkerThread } from '../../runtime/worker-thread.ts';
import { isProcessTableVisible } from './proc.ts';
import type { StartedPython } from './started-python.ts';
import type { LivingProcess, ProjectPlaces } from './process-look.ts';
import { systemProcesses, type ProcessTable } from './process-table.ts';
import type { ProcessOperations } from './process-worker.ts';
import { projectPlaces } from './projects.ts';

/**
 * One launch of a training: the processes below one launcher that work in one project. Workers of a data loader, ranks of
 * torchrun and forks belong to the execution of the process that started them.
 */
export interface Execution {
  /** Pid and start time of the launcher, a pair that no other process has. */
  id: string;
  /** `kernel`: a notebook kernel or a server, which lives on between trainings. */
  kind: 'trainer' | 'kernel';
  startedAt: number | null;
  command: string[];
  interpreter: string;
  folder: string;
  script: string | null;
  python: StartedPython;
  /** Watched folders that it works in. */
  projects: Set<string>;
  /** Start time of each of its processes that was seen, by pid. */
  members: Map<number, string>;
  /** Paths of files that it was seen to read. */
  reads: Set<string>;
  /** When it was found to have ended, epoch ms; null while it lives. */
  goneAt: number | null;
}

/** The writer of a file. */
export type SaveWriter =
  | { kind: 'execution'; execution: Execution }
  /** A program that moves files others made. `program` is null for an old file whose writer was not seen. */
  | { kind: 'mover'; program: string | null }
  /** A process that ended before it was seen, so it lived only briefly. */
  | { kind: 'ended' }
  /** Processes cannot be seen here, or one of several executions (`among`) has written the file. */
  | { kind: 'unknown'; reason: string; among?: readonly string[] };

export interface ExecutionParts {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  /** Returns the watched folders. */
  readonly roots: () => readonly string[];
  /** Returns the watched folder that links to this one: its scripts write here. */
  readonly linkTo?: (root: string) => string | undefined;
  /** False to disable looks at processes, as on systems that do not show them. */
  readonly isVisible?: boolean;
  /** Absent: that of this machine. */
  readonly table?: ProcessTable;
  /** Thread that looks at this machine's processes; absent: a new one. */
  readonly processes?: WorkerThread<ProcessOperations>;
  readonly signal: AbortSignal;
}

interface ObservedExecution extends Execution {
  /** When each file was last seen open for writing, by device and inode, or by path if these cannot be read. */
  writes: Map<string, { path: string; at: number }>;
  /** When its CPU time was last seen to grow, and that CPU time. */
  workedAt: number;
  cpu: number;
  /** Bytes written by each of its processes, and the sum at each look with the look's time span, oldest first. */
  writtenBy: Map<number, number>;
  written: { from: number; to: number; bytes: number }[];
}

interface Mover {
  program: string;
  projects: string[];
  seenAt: number;
}

/** Saves of unseen processes this close together are taken as one process's; a process that lives longer is seen. */
export const unseenGapMs = 2000;
/** Minimum time between two looks. */
const lookEveryMs = 200;
/** Milliseconds between two checks for new processes while no execution lives. */
const pollEveryMs = 500;
/** Tolerance of start times, which are exact to some clock ticks. */
const startSlackMs = 50;
/** A program that moves files is taken to have run for this long before and after it was seen. */
const moverSlackMs = 3000;
/** Executions are dropped this long after their end. */
const rememberMs = 60 * 60_000;
const maxRemembered = 500;
/** A file that is older than this when it is first looked at was copied here or existed before. */
const oldMs = 15_000;
const maxReads = 1000;
/** Longest time for writing one file. */
const longestSaveMs = 30_000;

/** Tracks the executions in watched projects. Looks at the process table after every change there, and regularly while an execution lives. */
export class Executions {
  readonly #parts: ExecutionParts;
  readonly #table: ProcessTable;
  readonly #known = new Map<string, ObservedExecution>();
  readonly #places = new Map<string, ProjectPlaces>();
  #movers: Mover[] = [];
  #pids = new Set<number>();
  #polledAt = 0;
  #lookedAt = 0;
  #looking: Promise<void> | undefined;
  #isAsked = false;
  /** When looks began, epoch ms. Processes that ended before were not seen. */
  readonly since: number;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#table = parts.table ?? systemProcesses(parts.processes);
    this.since = parts.ctx.now();
  }

  get isVisible(): boolean {
    const { isVisible, table } = this.#parts;
    return (isVisible ?? true) && (table !== undefined || isProcessTableVisible);
  }

  /** Looks at the process table soon after a change below a watched folder, before its writer can end. */
  onChange(): void {
    this.#lookSoon();
  }

  /** Marks executions that have ended, and looks at the process table if a look is due. Called often. */
  update(): void {
    if (!this.isVisible || this.#parts.signal.aborted) return;
    const now = this.#parts.ctx.now();
    for (const execution of this.#known.values())
      if (execution.goneAt === null && !this.#isAnyAlive(execution)) execution.goneAt = now;
    if (now - this.#polledAt >= pollEveryMs) {
      this.#polledAt = now;
      this.#isAsked ||= this.#hasNewProcess() || this.living().length > 0;
    }
    this.#lookIfDue();
  }

  /** Adjusts times after the clock was set, so that a living execution still counts as older than all that is written from now on. */
  onClockStep(ms: number): void {
    this.#polledAt += ms;
    this.#lookedAt += ms;
    this.#movers = [];
    for (const one of this.#known.values()) {
      one.workedAt += ms;
      one.written = [];
      if (one.goneAt === null && one.startedAt !== null) one.startedAt = Math.min(one.startedAt, one.startedAt + ms);
    }
  }

  /** Returns the executions that have not ended. */
  living(project?: string): Execution[] {
    return [...this.#known.values()].filter(
      ({ goneAt, projects }) => goneAt === null && (project === undefined || projects.has(project)),
    );
  }

  /** Returns true while one of an execution's processes lives; for one from before the service started, its launcher. */
  isAlive(id: string): boolean {
    const execution = this.#known.get(id);
    if (execution) return execution.goneAt === null && this.#isAnyAlive(execution);
    if (!this.isVisible) return false;
    const [pid, started] = id.split('-');
    return this.#table.startOf(Number(pid)) === started;
  }

  get(id: string): Execution | undefined {
    return this.#known.get(id);
  }

  /** Returns true if an execution was seen to read a file, or a file in the folder. */
  hasRead(id: string, path: string): boolean {
    const reads = this.#known.get(id)?.reads;
    return reads !== undefined && [...reads].some((one) => one === path || one.startsWith(`${path}/`));
  }

  /** Returns the writer of a file below a watched folder, as far as it was seen. Waits for the current look. */
  async writerOf(path: string, root: string, writtenAt: number): Promise<SaveWriter> {
    if (this.#lookedAt < writtenAt + lookEveryMs) this.#lookSoon();
    await this.#looking;
    const hidden = this.isVisible ? this.#table.hiddenReason(path) : 'processes cannot be seen on this system';
    const file = { path, ...this.#table.fileAt(path) };
    if (hidden !== undefined) return { kind: 'unknown', reason: hidden };
    const mover = this.#movers.find(
      (one) => one.projects.includes(root) && Math.abs(one.seenAt - writtenAt) < moverSlackMs,
    );
    const mayRest = (one: ObservedExecution): boolean => one.kind === 'kernel' || mover !== undefined;
    const present = [...this.#known.values()].filter(
      (one) => one.projects.has(root) && wasThere(one, writtenAt) && !(mayRest(one) && hasRested(one, file, writtenAt)),
    );
    const writing = present.filter((one) => !wasSilent(one, writtenAt));
    const possible = writing.length > 0 ? writing : present;
    const direct = possible.filter((one) => hasWritten(one, file, writtenAt));
    const candidates = narrowCandidates(direct.length > 0 ? direct : possible, path, writtenAt);
    const [only, ...rest] = candidates;
    if (only && rest.length === 0) return { kind: 'execution', execution: only };
    if (only) {
      const among = candidates.map(({ id }) => id);
      return { kind: 'unknown', reason: `${candidates.length} processes were at work there`, among };
    }
    if (mover) return { kind: 'mover', program: mover.program };
    const isOld = this.#parts.ctx.now() - writtenAt > oldMs;
    return isOld ? { kind: 'mover', program: null } : { kind: 'ended' };
  }

  close(): Promise<void> {
    return this.#table.close();
  }

  #hasNewProcess(): boolean {
    const now = new Set(this.#table.pids());
    const isNew = [...now].some((pid) => !this.#pids.has(pid));
    this.#pids = now;
    return isNew;
  }

  #lookSoon(): void {
    this.#isAsked = true;
    this.#lookIfDue();
  }

  #lookIfDue(): void {
    const { ctx, signal } = this.#parts;
    const isDue = this.#isAsked && !this.#looking && ctx.now() - this.#lookedAt >= lookEveryMs;
    if (!isDue || !this.isVisible || signal.aborted) return;
    this.#isAsked = false;
    this.#lookedAt = ctx.now();
    this.#looking = this.#look()
      .catch((error: unknown) => {
        if (!signal.aborted) ctx.log.warn('the process table could not be read', { error: String(error) });
      })
      .finally(() => (this.#looking = undefined));
  }

  async #look(): Promise<void> {
    const projects = this.#parts.roots().map((root) => this.#placesOf(root));
    if (projects.length === 0) return;
    const from = this.#lookedAt;
    const seen = await this.#table.look(projects);
    const now = this.#parts.ctx.now();
    const byPid = new Map(seen.map((one) => [one.pid, one]));
    for (const one of seen) {
      if (one.kind === 'trainer' || one.kind === 'kernel') this.#note(launcherOf(one, byPid), one, { from, to: now });
      else if (one.kind === 'mover') this.#noteMover(one, now);
    }
    this.#forgetOld(now);
  }

  #placesOf(root: string): ProjectPlaces {
    const known = this.#places.get(root) ?? projectPlaces(root, this.#parts.linkTo?.(root));
    this.#places.set(root, known);
    return known;
  }

  #note(launcher: LivingProcess, member: LivingProcess, look: { from: number; to: number }): void {
    const now = look.to;
    const id = `${launcher.pid}-${launcher.started}`;
    const known = this.#known.get(id) ?? createExecution(id, launcher, now);
    this.#known.set(id, known);
    known.members.set(member.pid, member.started);
    known.python = launcher.python;
    known.goneAt = null;
    for (const project of member.projects) known.projects.add(project);
    for (const { path, isWritten } of member.open) if (!isWritten && known.reads.size < maxReads) known.reads.add(path);
    for (const { path, identity, isWritten } of member.open)
      if (isWritten) known.writes.set(identity === '' ? path : identity, { path, at: now });
    if (member.cpu > known.cpu) known.workedAt = now;
    known.cpu = Math.max(known.cpu, member.cpu);
    noteWritten(known, member, look);
  }

  #noteMover({ command, interpreter, projects }: LivingProcess, now: number): void {
    const program = (command[0] ?? interpreter).split('/').at(-1) ?? interpreter;
    this.#movers = [...this.#movers.filter(({ seenAt }) => now - seenAt < 10_000), { program, projects, seenAt: now }];
  }

  #isAnyAlive({ members }: Execution): boolean {
    return [...members].some(([pid, started]) => this.#table.startOf(pid) === started);
  }

  #forgetOld(now: number): void {
    for (const [id, { goneAt }] of this.#known) {
      const isOld = goneAt !== null && (now - goneAt > rememberMs || this.#known.size > maxRemembered);
      if (isOld) this.#known.delete(id);
    }
  }
}

function createExecution(id: string, launcher: LivingProcess, now: number): ObservedExecution {
  const { startedAt, command, interpreter, folder, script, python, kind } = launcher;
  return {
    id,
    kind: kind === 'kernel' ? 'kernel' : 'trainer',
    startedAt,
    command,
    interpreter,
    folder,
    script,
    python,
    projects: new Set(),
    members: new Map(),
    goneAt: null,
    writes: new Map(),
    reads: new Set(),
    workedAt: now,
    cpu: 0,
    writtenBy: new Map(),
    written: [],
  };
}

function noteWritten(
  known: ObservedExecution,
  { pid, written }: LivingProcess,
  look: { from: number; to: number },
): void {
  if (written === null) return;
  known.writtenBy.set(pid, written);
  const bytes = [...known.writtenBy.values()].reduce((sum, one) => sum + one, 0);
  known.written = known.written.filter(({ to }) => to !== look.to && to > look.to - 2 * longestSaveMs);
  known.written.push({ ...look, bytes });
}

/** Returns the bytes an execution wrote between the last look that ended by `since` and the first that began after `writtenAt`; undefined without such looks. */
function writtenAround({ written }: ObservedExecution, since: number, writtenAt: number): number | undefined {
  const before = written.findLast(({ to }) => to <= since);
  const after = written.find(({ from }) => from >= writtenAt);
  return before && after && after.bytes - before.bytes;
}

/** True if an execution wrote nothing around the last write of a file. */
function wasSilent(known: ObservedExecution, writtenAt: number): boolean {
  return writtenAround(known, Math.floor(writtenAt), writtenAt) === 0;
}

/** True if an execution wrote less than the file's size around its last write, so another process wrote the file. */
function hasRested(known: ObservedExecution, { path, identity, size }: WrittenFile, writtenAt: number): boolean {
  if (known.writes.has(path) || known.writes.has(identity)) return false;
  const first = known.written[0]?.to ?? Infinity;
  const around = writtenAround(known, Math.min(Math.max(first, writtenAt - longestSaveMs), writtenAt), writtenAt);
  return around !== undefined && around < size;
}

/** Returns the highest ancestor that trains in the same project. Shells, editors, build tools and kernels only start executions. */
function launcherOf(process: LivingProcess, byPid: ReadonlyMap<number, LivingProcess>): LivingProcess {
  let launcher = process;
  for (let at = byPid.get(process.parent); at; at = byPid.get(at.parent)) {
    if (at.kind !== 'trainer' || !at.projects.some((one) => process.projects.includes(one))) break;
    launcher = at;
  }
  return launcher;
}

/** True if the execution lived at a time. Its end is recorded a little after it happened, never before. */
function wasThere({ startedAt, goneAt }: ObservedExecution, at: number): boolean {
  return (startedAt ?? 0) <= at + startSlackMs && (goneAt === null || goneAt >= at - 50);
}

interface WrittenFile {
  path: string;
  identity: string;
  size: number;
}

function hasWritten({ writes }: ObservedExecution, { path, identity }: WrittenFile, writtenAt: number): boolean {
  const write = writes.get(identity) ?? writes.get(path);
  return write !== undefined && Math.abs(write.at - writtenAt) < 60_000;
}

/** Narrows the executions that may have written a file to those that work in its folder or name it, then to those that used CPU time lately. */
function narrowCandidates(
  candidates: readonly ObservedExecution[],
  path: string,
  writtenAt: number,
): readonly ObservedExecution[] {
  if (candidates.length <= 1) return candidates;
  const folder = dirname(path);
  const near = candidates.filter(
    ({ command, writes, folder: cwd }) =>
      cwd === folder ||
      [...writes.values()].some((one) => dirname(one.path) === folder) ||
      command.some((one) => isNaming(one, folder)),
  );
  const working = (near.length > 0 ? near : candidates).filter(({ workedAt }) => workedAt >= writtenAt - 5000);
  const ranked = working.length > 0 ? working : near.length > 0 ? near : candidates;
  const trainers = ranked.filter(({ kind }) => kind === 'trainer');
  return trainers.length > 0 ? trainers : ranked;
}

/** True for an argument such as `out/run1` or `--output=out/run1` that equals the end of a folder's path. */
function isNaming(argument: string, folder: string): boolean {
  const value = argument
    .replace(/^--?[\w.-]+=/, '')
    .replace(/^\.\//, '')
    .replace(/\/+$/, '');
  return value.length > 1 && (folder === value || folder.endsWith(`/${value}`));
}
