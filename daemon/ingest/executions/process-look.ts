import { redactedArguments } from '../lineage/redact.ts';
import { scriptOf } from '../lineage/process.ts';
import { startedPython, type StartedPython } from '../lineage/started-python.ts';
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

/** A process that works in a watched project, as one look at the process table shows it. */
export interface LivingProcess {
  pid: number;
  /** Clock ticks since boot: with the pid it tells one process from another. */
  started: string;
  parent: number;
  kind: ProgramKind;
  /** Epoch ms; null where it is not known. */
  startedAt: number | null;
  command: string[];
  interpreter: string;
  folder: string;
  script: string | null;
  /** CPU time so far, in clock ticks. */
  cpu: number;
  /** Bytes that it has written so far; null where that cannot be read. */
  written: number | null;
  /** The projects that it works in, by their paths: where its folder or script lies, or a file that it has open. */
  projects: string[];
  /** Files of those projects that it has open. */
  open: OpenFile[];
  python: StartedPython;
}

/** Where the files of a project lie: the watched folder, and what belongs to it. */
export interface ProjectPlaces {
  project: string;
  places: string[];
}

interface Settled {
  started: string;
  /** A process that has nothing to do with any project is looked at again only after this time, epoch ms. */
  againAt: number;
}

/** Processes without a project are looked at this seldom; young ones, which may still become another program, each time. */
const idleLookMs = 10_000;
const youngMs = 3000;
/** How often the loaded modules of a process are read again: sooner while it is young, because reading holds up the process for a moment. */
const loadedMs = { young: 500, old: 30_000 };

/** Looks at the process table again and again, and remembers who has nothing to do with the projects. Blocks for some ms: for a worker thread. */
export class ProcessLook {
  readonly #idle = new Map<number, Settled>();
  readonly #pythons = new Map<number, { started: string; python: StartedPython; readAt: number }>();
  #asked = '';

  /** Every process that works in one of the projects. */
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

/** Not yet, but within the time: the clock may have been set back. */
function isSoon(againAt: number, now: number): boolean {
  return againAt > now && againAt <= now + idleLookMs;
}

type Identities = readonly { project: string; identity: string }[];

function identitiesOf(projects: readonly ProjectPlaces[]): Identities {
  return projects.flatMap(({ project, places }) =>
    places.map((place) => ({ project, identity: identityAt(place) })).filter(({ identity }) => identity !== ''),
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

function isBelow(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
