import { dirname } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import { isOnSharedDisk } from './proc.ts';

/** Clocks of a look. A parameter, so that tests can let the clock of files be behind. */
export interface Clocks {
  /** Epoch ms, as files have it. */
  now(): number;
  /** A clock that is never set, in ms. */
  steady(): number;
}

const clocksHere: Clocks = { now: () => Date.now(), steady: () => performance.now() };

/**
 * Time in ms by which a look must have begun after a file's last write to be used for it. The kernel writes the times of files by
 * a clock that only moves with its tick, so they may be 10 ms earlier than the write. A look that began before the write may have
 * missed the writer and seen another process.
 */
const marginMs = 20;
/** Longest age in ms of a look that is used again. */
const maxAgeMs = 1000;
/** Largest difference in ms of the two clocks before the wall clock counts as set. */
const driftMs = 5;

/** Something that takes long to look at. Files that were certainly written before a look began share it for a while. */
export class SharedLook<Seen> {
  readonly #look: () => Seen;
  readonly #clocks: Clocks;
  #last: { began: number; beganAt: number; seen: Seen } | undefined;

  constructor(look: () => Seen, clocks: Clocks = clocksHere) {
    this.#look = look;
    this.#clocks = clocks;
  }

  /** Returns what a look shows that began after the last write of the file at this path. */
  after(path: string): Seen {
    if (this.#last && this.#isFresh() && this.#last.began >= lastChange(path) + marginMs) return this.#last.seen;
    const [began, beganAt] = [this.#clocks.now(), this.#clocks.steady()];
    this.#last = { began, beganAt, seen: this.#look() };
    return this.#last.seen;
  }

  /** False for an old look, and for one since which the wall clock was set. */
  #isFresh(): boolean {
    const { began, beganAt } = this.#last ?? { began: 0, beganAt: -Infinity };
    const age = this.#clocks.steady() - beganAt;
    return age <= maxAgeMs && Math.abs(this.#clocks.now() - began - age) <= driftMs;
  }
}

/**
 * Returns when a file was last changed, epoch ms. A file that was moved keeps the time of its content, and one may be given any
 * time, so the later of mtime and ctime counts. Infinity for none, and on a shared disk, whose times are of another machine.
 */
function lastChange(path: string): number {
  const stats = statAt(path);
  return !stats || isOnSharedDisk(dirname(path)) ? Infinity : Math.max(stats.mtimeMs, stats.ctimeMs);
}
