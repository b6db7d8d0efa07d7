/** Returns how many lines a unified diff adds or removes. Heads of files (`--- a/…`, `+++ b/…`) before a part are not counted. */
export function changedLines(diff: string): number {
  let count = 0;
  let isInPart = false;
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) isInPart = true;
    else if (line.startsWith('diff ')) isInPart = false;
    else if (isInPart && /^[+-]/.test(line)) count += 1;
  }
  return count;
}
