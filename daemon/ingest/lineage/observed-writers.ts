import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VersionSource } from '../../protocol/model.ts';
import type { Execution } from '../executions/executions.ts';
import { dataEndings } from '../executions/data-endings.ts';
import type { SeenProcess } from '../executions/process.ts';

/** Records writing processes while they run. When a file has settled, its writer may have ended. */
export interface SeenWriters {
  /** Looks for the process that has just been seen writing a file. */
  notice(path: string, root: string, writtenAt: number): void;
  /** Returns the process that wrote an artifact, seen then or now; undefined for none. */
  writerOf(source: VersionSource, root: string, isFresh: boolean): Promise<SeenProcess | undefined>;
}

/** Looks for the process that wrote a file, among those at work in these places. */
export type See = (path: string, places: string[], writtenAt: number) => Promise<SeenProcess | undefined>;

/** Milliseconds between two looks for files of one folder. */
const lookAgainMs = 2000;
const maxWaiting = 16;
const maxRemembered = 500;
/** A process that was seen with its file open is not looked for again for this long. */
const lingersMs = 60_000;

interface Seen {
  at: number;
  process: SeenProcess | undefined;
}

export function seenWriters(see: See): SeenWriters {
  const seen = new Map<string, Seen>();
  let waiting = 0;
  return {
    notice: (path, root, writtenAt) => {
      const folder = dirname(path);
      const now = Date.now();
      const known = seen.get(folder);
      if (process.platform !== 'linux' || waiting >= maxWaiting || now - writtenAt > lookAgainMs) return;
      if (known && Math.abs(now - known.at) < (known.process?.seen === 'writing' ? lingersMs : lookAgainMs)) return;
      remember(seen, folder, { at: now, process: known?.process });
      waiting += 1;
      see(path, placesOf(root), writtenAt)
        .then((found) => found && remember(seen, folder, { at: now, process: found }))
        .catch(() => undefined)
        .finally(() => (waiting -= 1));
    },
    writerOf: async ({ path, writtenAt }, root, isFresh) => {
      const known = seen.get(dirname(path))?.process;
      if (known && (known.startedAt ?? 0) <= (writtenAt ?? 0) + 1000) return known;
      return isFresh ? see(path, placesOf(root), writtenAt ?? Date.now()) : undefined;
    },
  };
}

function remember(seen: Map<string, Seen>, folder: string, what: Seen): void {
  seen.delete(folder);
  seen.set(folder, what);
  const [oldest] = seen.keys();
  if (seen.size > maxRemembered && oldest !== undefined) seen.delete(oldest);
}

/** Returns the watched folder, and the repository that it lies in. */
function placesOf(root: string): string[] {
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return [root, at];
    if (dirname(at) === at) return [root];
  }
}

/**
 * Returns the process that wrote a file: the one in `execution`, with what was `observed` of it. An observed process that is not
 * part of the execution is ignored, as it may belong to another one.
 */
export function processOf(
  execution: Execution | undefined,
  observed: SeenProcess | undefined,
): SeenProcess | undefined {
  if (!execution || (observed && execution.members.has(observed.pid))) return observed;
  const { id, command, interpreter, folder, startedAt, script, python, reads } = execution;
  const about = { command, interpreter, folder, startedAt, script, python, seen: 'nearby' as const };
  return {
    ...about,
    pid: Number.parseInt(id, 10),
    open: [],
    reads: [...reads].filter((path) => dataEndings.test(path)),
  };
}
