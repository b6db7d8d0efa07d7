import type { ClosedRepository, RunOptions } from './closed-repository.ts';
import type { Unreadable } from './find-repository.ts';
import { compareWithPointers } from './lfs.ts';

export interface WorkTreeState {
  /** True if tracked files differ from the commit; null if only a filter could decide. */
  changed: boolean | null;
  /** Relative to the top folder. */
  untracked: string[];
  /** Files that differ from the stored form because of a filter, and whether they are known to be unchanged. */
  filtered: { path: string; isSame: boolean }[];
  missing: string[];
}

interface Entry {
  path: string;
  /** True if only the bytes of the file show a change. */
  isByBytes: boolean;
  /** Object of the file in the index. */
  object: string;
}

/** Compares a work tree with its commit. Submodules are not entered; one counts only if another commit of it is checked out. */
export async function workTreeState(
  repository: ClosedRepository,
  deadline: number,
): Promise<WorkTreeState | Unreadable> {
  const flags = ['--porcelain=v2', '-z', '--untracked-files=normal', '--no-renames', '--ignore-submodules=dirty'];
  const { outcome, status, output, error } = await repository.run(['status', ...flags]);
  if (outcome === 'late') return { problem: 'git status did not answer within 4 s.' };
  if (outcome === 'large') return { problem: 'More files are changed than git status can tell here.' };
  if (outcome === 'absent') return { problem: 'There is no git: changes are not known.' };
  if (status !== 0) return { problem: `git status failed: ${error.slice(0, 200)}` };
  const lines = output.split('\0').filter((line) => line !== '');
  const untracked = lines.filter((line) => line.startsWith('? ')).map((line) => line.slice(2));
  const entries = lines.filter((line) => /^[1u] /.test(line)).map(parseEntry);
  if (entries.some(({ path }) => !isBelow(path)))
    return { problem: 'The index names files outside of the work tree: changes are not known.' };
  const filters = await filtersOf(
    repository,
    entries.map(({ path }) => path),
  );
  if (!filters) return { problem: 'git did not tell the attributes of the changed files: changes are not known.' };
  return { untracked, ...(await compareEntries(repository, entries, filters, deadline)) };
}

/** Parses `1 XY sub mH mI mW hH hI path`, and `u XY sub m1 m2 m3 mW h1 h2 h3 path`. */
function parseEntry(line: string): Entry {
  const fields = line.split(' ');
  const [kind = '', state = '', , , indexMode, workMode] = fields;
  const isByBytes = kind === '1' && state === '.M' && indexMode === workMode;
  return { path: fields.slice(kind === 'u' ? 10 : 8).join(' '), isByBytes, object: fields[7] ?? '' };
}

/** Returns true for a path inside the work tree. git itself would read any path in an index. */
function isBelow(path: string): boolean {
  const parts = path.split(process.platform === 'win32' ? /[\\/]/ : '/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}

/** Returns the filters of files by path. */
export async function filtersOf(
  repository: ClosedRepository,
  paths: readonly string[],
  instead?: RunOptions['instead'],
): Promise<Map<string, string> | undefined> {
  if (paths.length === 0) return new Map();
  const input = paths.map((path) => `${path}\0`).join('');
  const options = { input, ...(instead ? { instead } : {}) };
  const { outcome, status, output } = await repository.run(['check-attr', '-z', '--stdin', 'filter'], options);
  if (outcome !== 'done' || status !== 0) return undefined;
  const fields = output.split('\0');
  const filters = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const value = fields[at + 2] ?? '';
    if (!['unspecified', 'unset', 'set'].includes(value)) filters.set(fields[at] ?? '', value);
  }
  return filters;
}

async function compareEntries(
  repository: ClosedRepository,
  entries: readonly Entry[],
  filters: ReadonlyMap<string, string>,
  deadline: number,
): Promise<Omit<WorkTreeState, 'untracked'>> {
  const isProgram = (name: string): boolean => repository.filters?.has(name) ?? true;
  const large = entries.filter(({ path }) => filters.get(path) === 'lfs');
  const passing = entries.filter(({ path }) => filters.has(path) && filters.get(path) !== 'lfs');
  const unknown = passing.filter(({ path }) => isProgram(filters.get(path) ?? ''));
  const byBytes = (list: readonly Entry[]): Entry[] => list.filter(({ isByBytes }) => isByBytes);
  const pointers = await compareWithPointers(repository, byBytes(large), deadline);
  const same = new Set(pointers.same);
  const undecided = [...byBytes(unknown).map(({ path }) => path), ...pointers.unknown];
  const isFiltered = new Set([...byBytes(large), ...byBytes(unknown)].map(({ path }) => path));
  const isOpen = new Set(undecided);
  const different = entries.filter(({ path }) => !same.has(path) && !isOpen.has(path));
  const isChanged =
    different.some(({ path, isByBytes }) => isFiltered.has(path) || !isByBytes) ||
    (await anyDiffers(repository, different));
  return {
    changed: isChanged ? true : undecided.length > 0 ? null : false,
    filtered: [...isFiltered].map((path) => ({ path, isSame: same.has(path) })),
    missing: undecided.length === 0 ? [] : [unknownText(undecided)],
  };
}

/** Returns true if a file's content differs. git reports a file of another size as changed even if only its line endings differ. */
async function anyDiffers(repository: ClosedRepository, entries: readonly Entry[]): Promise<boolean> {
  if (entries.length === 0 || entries.some(({ path }) => path.includes('\n'))) return entries.length > 0;
  const input = entries.map(({ path }) => `${path}\n`).join('');
  const { outcome, status, output } = await repository.run(['hash-object', '--stdin-paths'], { input });
  const objects = output.split('\n');
  return outcome !== 'done' || status !== 0 || entries.some(({ object }, index) => objects[index] !== object);
}

function unknownText(paths: readonly string[]): string {
  const count = `${paths.length} file${paths.length === 1 ? '' : 's'}`;
  return `Whether ${count} changed only a filter could tell, and none is run: ${paths.slice(0, 5).join(', ')}.`;
}
