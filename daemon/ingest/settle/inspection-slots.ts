import { smallBytes } from '../runs/keep-saves.ts';
import type { Pending } from './pending.ts';

/** Artifacts that are inspected and stored in parallel. Large ones have places of their own, so that small ones never wait for them. */
const max = { small: 128, large: 8 };

/** The artifacts that are inspected, stored or decided about now. */
export class InspectionSlots {
  readonly #taken = new Map<Pending, keyof typeof max>();
  readonly #counts = { small: 0, large: 0 };

  /** True if one more small artifact can be inspected. */
  get isOpen(): boolean {
    return this.#counts.small < max.small;
  }

  hasRoomFor(pending: Pending): boolean {
    const lane = laneOf(pending);
    return this.#counts[lane] < max[lane];
  }

  take(pending: Pending): void {
    this.free(pending);
    const lane = laneOf(pending);
    this.#taken.set(pending, lane);
    this.#counts[lane] += 1;
  }

  free(pending: Pending): void {
    const lane = this.#taken.get(pending);
    if (lane !== undefined) this.#counts[lane] -= 1;
    this.#taken.delete(pending);
  }
}

function laneOf({ fingerprint }: Pending): keyof typeof max {
  return fingerprint.size > smallBytes ? 'large' : 'small';
}
