import type { FileGroup, OpenFile } from '../recogniser.ts';

/**
 * Returns a sentence about the first file of a group that cannot be read, or that is empty without `mayBeEmpty` allowing it;
 * undefined for none.
 */
export function lackingPart(
  { files }: FileGroup,
  open: OpenFile,
  mayBeEmpty: (file: string) => boolean = () => false,
): string | undefined {
  for (const file of files) {
    const size = open(file)?.size;
    if (size === undefined) return `${file} cannot be read.`;
    if (size === 0 && !mayBeEmpty(file)) return `${file} is empty.`;
  }
  return undefined;
}

/** Returns a sentence if a number from 0 up to `total` (or the highest one) is missing: `rank 1 is missing.`; undefined for none. */
export function missingNumber(what: string, numbers: readonly number[], total = numbers.length): string | undefined {
  const there = new Set(numbers);
  const end = Math.max(total, ...[...there].map((number) => number + 1));
  for (let number = 0; number < end; number += 1) if (!there.has(number)) return `${what} ${number} is missing.`;
  return undefined;
}
