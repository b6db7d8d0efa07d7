import { redactedArguments } from '../../secrets/redact.ts';
import { scriptOf } from './process.ts';
import { startedPython, type StartedPython } from './started-python.ts';
import { isInterpreter, programKind, type ProgramKind } from './programs.ts';
import {
  commandOf,
  folderIdentities,
  folderOf,
  identityAt,
  namespaceOf,
  openFilesOf,
  processIds,
  programOf,
  startTime,
  statOf,
  writtenBytes,
  type OpenFile,
} from './proc.ts';

/** A process that works in a watched project, from one look at the process table. */
export interface LivingProcess {
  pid: number;
  /** Start time in clock ticks since boot. With the pid it identifies the process. */
  started: string;
  parent: number;
  kind: ProgramKind;
  /** Start time in epoch ms; null if unknown. */
  startedAt: number | null;
  command: string[];
  interpreter: string;
  folder: string;
  script: string | null;
  /** CPU time so far, in clock ticks. */
  cpu: number;
  /** Bytes written so far; null if that cannot be read. */
  written: number | null;
  /** Watched folders that it works in: its working folder, its script or an open file lies in their project. */
  projects: string[];
  /** Open files of those projects. */
  open: OpenFile[];
  python: StartedPython;
}

/** Folders of a project: the watched folder and those that belong to it. */
export interface ProjectPlaces {
  project: string;
  places: string[];
}

interface Settled {
  started: string;
  /** Time of the next look at a process outside all projects, epoch ms. */
  againAt: number;
}

/**
 * Milliseconds between two looks at a process outside all projects. Processes younger than `youngMs` are always looked at, as
 * they may still start another program.
 */
const idleLookMs = 10_000;
const youngMs = 3000;
/**
 * Milliseconds between two readings of a process's loaded modules: shorter while it is young. Each reading stops the process for
 * a moment.
 */
const loadedMs = { young: 500, old: 30_000 };

/** Looks at the process table and remembers the processes outside all projects. Blocks for some ms: for a worker thread. */
export class ProcessLook {
  readonly #idle = new Map<number, Settled>();
  readonly #pythons = new Map<number, { started: string; python: StartedPython; readAt: number }>();
  #asked = '';

  /** Returns every process that works in one of the projects. */
  look(projects: readonly ProjectPlaces[]): LivingProcess[] {
    const asked = JSON.stringify(projects);
    if (asked !== this.#asked) this.#idle.clear();
    this.#asked = asked;
    const now = Date.now();
    const found: LivingProcess[] = [];
    const pids = processIds();
    for (const known of [this.#idle, this.#pythons])
      for (const pid of known.keys()) if (!pids.includes(pid)) known.delete(pid);
    const identities = identitiesOf(projects);
    for (const pid of pids) {
      const idle = this.#idle.get(pid);
      if (pid === process.pid || (idle && isSoon(idle.againAt, now))) continue;
      const stat = statOf(pid);
      if (!stat) continue;
      const seen = describe(pid, stat, projects, identities);
      if (seen) found.push({ ...seen, python: this.#pythonOf(seen, now) });
      const isYoung = now - (startTime(stat.started) ?? 0) < youngMs;
      if (seen) this.#idle.delete(pid);
      else if (!isYoung) this.#idle.set(pid, { started: stat.started, againAt: now + idleLookMs });
    }
    return found;
  }

  #pythonOf(seen: Omit<LivingProcess, 'python'>, now: number): StartedPython {
    const { pid, started, startedAt } = seen;
    const known = this.#pythons.get(pid);
    const maxAge = now - (startedAt ?? 0) < youngMs ? loadedMs.young : loadedMs.old;
    if (known?.started === started && now - known.readAt < maxAge) return known.python;
    const python = startedPython(pid, seen);
    this.#pythons.set(pid, { started, python, readAt: now });
    return python;
  }
}

/** True if a time is still to come but not further away than `idleLookMs`, as the clock may have been set back. */
function isSoon(againAt: number, now: number): boolean {
  return againAt > now && againAt <= now + idleLookMs;
}

type Identities = readonly { project: string; identity: string }[];

function identitiesOf(projects: readonly ProjectPlaces[]): Identities {
  return projects.flatMap(({ project, places }) =>
    places.map((folder) => ({ project, identity: identityAt(folder) })).filter(({ identity }) => identity !== ''),
  );
}

function describe(
  pid: number,
  { started, parent, cpu }: NonNullable<ReturnType<typeof statOf>>,
  projects: readonly ProjectPlaces[],
  identities: Identities,
): Omit<LivingProcess, 'python'> | undefined {
  const command = commandOf(pid);
  const interpreter = programOf(pid);
  const folder = folderOf(pid);
  if (command.length === 0 || interpreter === undefined || folder === undefined) return undefined;
  const script = scriptOf(command, folder);
  const isIn = (path: string): ProjectPlaces[] =>
    projects.filter(({ places }) => places.some((one) => isBelow(path, one)));
  const kind = programKind(interpreter, command);
  const isForeign = namespaceOf(pid) !== ownNamespace();
  const open = openFilesOf(pid).filter((file) => isForeign || isIn(file.path).length > 0);
  const works = new Set(
    [folder, ...(script === null ? [] : [script]), ...open.map(({ path }) => path)]
      .flatMap(isIn)
      .map(({ project }) => project),
  );
  if (isForeign) {
    const above = folderIdentities(pid);
    for (const { project, identity } of identities) if (above.includes(identity)) works.add(project);
  }
  const isWriting = open.some((file) => file.isWritten);
  if (works.size === 0 || (kind === 'trainer' && !isInterpreter(interpreter, command) && !isWriting)) return undefined;
  return {
    pid,
    started,
    parent,
    kind,
    startedAt: startTime(started),
    command: redactedArguments(command.slice(0, 100)).map((argument) => argument.slice(0, 1000)),
    interpreter,
    folder,
    script,
    cpu,
    written: writtenBytes(pid),
    projects: [...works],
    open: open.slice(0, maxOpen),
  };
}

const maxOpen = 200;

let namespace: string | undefined;

function ownNamespace(): string {
  namespace ??= namespaceOf(process.pid);
  return namespace;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
