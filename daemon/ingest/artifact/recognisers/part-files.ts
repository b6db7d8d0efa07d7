import type { FileGroup, OpenFile } from '../recogniser.ts';

/** A sentence for the first file of a group that cannot be read, or holds nothing where `mayBeEmpty` does not allow it. */
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

/** Said while numbers from 0 on, up to `total` where that is known, are not all there: `rank 1 is missing.` */
export function missingNumber(what: string, numbers: readonly number[], total = numbers.length): string | undefined {
  const there = new Set(numbers);
  const end = Math.max(total, ...[...there].map((number) => number + 1));
  for (let number = 0; number < end; number += 1) if (!there.has(number)) return `${what} ${number} is missing.`;
  return undefined;
}
