import { dirname } from 'node:path';
import type { Context } from '../../context.ts';
import type { WorkerThread } from '../../runtime/worker-thread.ts';
import { isProcessTableVisible } from './proc.ts';
import type { StartedPython } from '../lineage/started-python.ts';
import type { LivingProcess, ProjectPlaces } from './process-look.ts';
import { systemProcesses, type ProcessTable } from './process-table.ts';
import type { ProcessOperations } from './process-worker.ts';
import { projectPlaces } from './projects.ts';

/**
 * One launch of a training: the processes below one launcher that work in one project. Workers of a data loader, ranks of
 * torchrun and forks belong to the execution of the process that started them.
 */
export interface Execution {
  /** Pid and start of the launcher: no other process ever has both. */
  id: string;
  /** `kernel`: a notebook's kernel or a server, which lives on between trainings. */
  kind: 'trainer' | 'kernel';
  startedAt: number | null;
  command: string[];
  interpreter: string;
  folder: string;
  script: string | null;
  python: StartedPython;
  /** Watched folders of the projects that it works in. */
  projects: Set<string>;
  /** Pid to start of each of its processes that was seen. */
  members: Map<number, string>;
  /** Files that it was seen to read, by path. */
  reads: Set<string>;
  /** When it was seen to have ended, epoch ms; null while it lives. */
  goneAt: number | null;
}

/** Who wrote a file. */
export type SaveWriter =
  | { kind: 'execution'; execution: Execution }
  /** A program that moves bytes, which others made before; null where nobody was seen and the file is older than the look at it. */
  | { kind: 'mover'; program: string | null }
  /** It has ended, and nobody saw it: it lived for a moment only. */
  | { kind: 'ended' }
  /** Processes cannot be seen here, or one of several, `among` these executions, has written it. */
  | { kind: 'unknown'; reason: string; among?: readonly string[] };

export interface ExecutionParts {
  readonly ctx: Pick<Context, 'log' | 'now'>;
  /** The watched folders. */
  readonly roots: () => readonly string[];
  /** The watched folder with a link that leads to this one: scripts are there that write here. */
  readonly linkTo?: (root: string) => string | undefined;
  /** False where processes are not to be looked at, as on systems that do not show them. */
  readonly isVisible?: boolean;
  /** Absent: that of this machine. */
  readonly table?: ProcessTable;
  /** The thread that looks at this machine's processes; absent: one of its own. */
  readonly processes?: WorkerThread<ProcessOperations>;
  readonly signal: AbortSignal;
}

interface ObservedExecution extends Execution {
  /** When each file was last seen open for writing: by device and inode, by its path only where these cannot be read. */
  writes: Map<string, { path: string; at: number }>;
  /** When its CPU time was last seen to grow, and that time. */
  workedAt: number;
  cpu: number;
  /** Bytes that each of its processes has written, and their sum at each look with its time span, the oldest first. */
  writtenBy: Map<number, number>;
  written: { from: number; to: number; bytes: number }[];
}

interface Mover {
  program: string;
  projects: string[];
  seenAt: number;
}

/** Saves of processes that nobody saw are one process's when they are this close: who lives for longer is seen. */
export const unseenGapMs = 2000;
/** Looks are at least this far apart. */
const lookEveryMs = 200;
/** New processes are looked for this often while nobody works in a project. */
const pollEveryMs = 500;
/** Start times are exact to some clock ticks. */
const startSlackMs = 50;
/** A program that moves bytes was there this long before and after it was seen. */
const moverSlackMs = 3000;
/** Executions that ended this long ago are forgotten. */
const rememberMs = 60 * 60_000;
const maxRemembered = 500;
/** A file that is older than this when it is first looked at was copied here, or was there before. */
const oldMs = 15_000;
const maxReads = 1000;
/** Writing a file takes no longer than this, from its first byte to its last. */
const longestSaveMs = 30_000;

/** Knows who works in the watched projects: looks again whenever something changes there, and often while somebody does. */
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
  /** Who ended before this was not seen, epoch ms. */
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

  /** Something changed below a watched folder: whoever did it may end at any moment. */
  onChange(): void {
    this.#lookSoon();
  }

  /** Called often; looks where that is due. */
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

  /** The clock was set: who lives was there before what is written from now on, as before what was written until now. */
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

  /** Executions that have not ended. */
  living(project?: string): Execution[] {
    return [...this.#known.values()].filter(
      ({ goneAt, projects }) => goneAt === null && (project === undefined || projects.has(project)),
    );
  }

  /** True while one of its processes lives; for an execution from before the service started, its launcher. */
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

  /** True where an execution was seen to read a file, or one in a folder. */
  hasRead(id: string, path: string): boolean {
    const reads = this.#known.get(id)?.reads;
    return reads !== undefined && [...reads].some((one) => one === path || one.startsWith(`${path}/`));
  }

  /** Who wrote a file below a watched folder, as far as it was seen. Waits for the look that is going on. */
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
    const candidates = narrowed(direct.length > 0 ? direct : possible, path, writtenAt);
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
    const known = this.#known.get(id) ?? made(id, launcher, now);
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

function made(id: string, launcher: LivingProcess, now: number): ObservedExecution {
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

/** How much it wrote between the last look that was over before `since` and the first that began after a time; undefined where there are none. */
function writtenAround({ written }: ObservedExecution, since: number, writtenAt: number): number | undefined {
  const before = written.findLast(({ to }) => to <= since);
  const after = written.find(({ from }) => from >= writtenAt);
  return before && after && after.bytes - before.bytes;
}

/** True where it wrote nothing at all around the last write of a file. */
function wasSilent(known: ObservedExecution, writtenAt: number): boolean {
  return writtenAround(known, Math.floor(writtenAt), writtenAt) === 0;
}

/** True where it wrote less than a file holds around the time of its last write: then somebody else wrote it. */
function hasRested(known: ObservedExecution, { path, identity, size }: WrittenFile, writtenAt: number): boolean {
  if (known.writes.has(path) || known.writes.has(identity)) return false;
  const first = known.written[0]?.to ?? Infinity;
  const around = writtenAround(known, Math.min(Math.max(first, writtenAt - longestSaveMs), writtenAt), writtenAt);
  return around !== undefined && around < size;
}

/** The highest ancestor that trains in the same project; a shell, an editor, a build tool or a kernel starts executions and is none. */
function launcherOf(process: LivingProcess, byPid: ReadonlyMap<number, LivingProcess>): LivingProcess {
  let launcher = process;
  for (let at = byPid.get(process.parent); at; at = byPid.get(at.parent)) {
    if (at.kind !== 'trainer' || !at.projects.some((one) => process.projects.includes(one))) break;
    launcher = at;
  }
  return launcher;
}

/** Its end is noted a little after it ended, never before. */
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

/** Of several that may have written a file: those that work in its folder or name it, else those that did not rest. */
function narrowed(
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

/** True for an argument such as `out/run1` or `--output=out/run1` that names the end of a folder's path. */
function isNaming(argument: string, folder: string): boolean {
  const value = argument
    .replace(/^--?[\w.-]+=/, '')
    .replace(/^\.\//, '')
    .replace(/\/+$/, '');
  return value.length > 1 && (folder === value || folder.endsWith(`/${value}`));
}
