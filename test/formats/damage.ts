import { expect } from 'vitest';
import { computed } from '../support/daemon.ts';
import { FormatError, sourceOf, type Source } from '../../daemon/formats/source.ts';

/** Returns the kind of FormatError that reading the bytes throws; `none` for none. Rethrows any other error. */
export function kindOf(read: (source: Source) => unknown, bytes: Uint8Array): string {
  try {
    read(sourceOf(bytes));
    return 'none';
  } catch (error) {
    if (error instanceof FormatError) return error.kind;
    throw error;
  }
}

/** Returns the kinds of error when the bytes are cut at every place. */
export function kindsOfCuts(read: (source: Source) => unknown, bytes: Uint8Array, stride = 1): Set<string> {
  const kinds = new Set<string>();
  for (let end = 0; end < bytes.length; end += stride) kinds.add(kindOf(read, bytes.subarray(0, end)));
  kinds.add(kindOf(read, bytes.subarray(0, bytes.length - 1)));
  return kinds;
}

/** Reads the bytes with some of them overwritten, `runs` times. Only FormatErrors may be thrown, and reading must end soon. */
export function readsAnyDamage(read: (source: Source) => unknown, bytes: Uint8Array, runs = 2000): void {
  let seed = 20_261_121;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let run = 0; run < runs; run += 1) {
    // A Buffer's own `slice` would share its memory with `bytes`.
    const damaged = Uint8Array.from(bytes);
    for (let at = 0; at <= random(5); at += 1) damaged[random(damaged.length)] = random(3) === 0 ? 0xff : random(256);
    const start = computed();
    kindOf(read, damaged);
    expect(computed() - start).toBeLessThan(1000);
  }
}
