import type { CompareRow } from '../../../../daemon/protocol/comparison.ts';

export type PackageChange = 'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed';

/** How one package of the environment differs from the baseline's. */
export interface ChangedPackage {
  name: string;
  before: string | null;
  after: string | null;
  change: PackageChange;
  /** The first part of the version number that differs; null where the numbers cannot be compared. */
  level: 'major' | 'minor' | 'patch' | null;
}

/** Returns the packages that differ between the baseline and a column, those that change most first. */
export function changedPackages(rows: readonly CompareRow[], column: number): ChangedPackage[] {
  const order = ['major', 'minor', 'patch', null];
  const found = rows.flatMap(({ name, values }): ChangedPackage[] => {
    const [before, after] = [textOf(values[0]), textOf(values[column])];
    if (before === after) return [];
    if (before === null || after === null)
      return [{ name, before, after, change: before === null ? 'added' : 'removed', level: null }];
    return [{ name, before, after, ...compareVersions(before, after) }];
  });
  return found.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function compareVersions(before: string, after: string): Pick<ChangedPackage, 'change' | 'level'> {
  const [old, next] = [numbersIn(before), numbersIn(after)];
  const at = old && next ? next.findIndex((part, index) => part !== old[index]) : -1;
  if (!old || !next || at < 0) return { change: 'changed', level: null };
  const level = at === 0 ? 'major' : at === 1 ? 'minor' : 'patch';
  return { change: next[at]! > old[at]! ? 'upgraded' : 'downgraded', level };
}

/** Returns the first three numbers of a version; undefined for a text that is none. */
function numbersIn(version: string): number[] | undefined {
  const parts = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version.trim())?.slice(1);
  return parts?.map((part) => Number(part ?? 0));
}
