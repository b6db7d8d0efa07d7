import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { borrowsObjects, findRepository } from '../../git/find-repository.ts';
import { withRepository, type ClosedRepository } from '../../git/closed-repository.ts';
import { runGitBlocking } from '../../git/run.ts';
import { workTreeState, type WorkTreeState } from '../../git/work-tree-state.ts';
import type { CodeState } from '../../protocol/lineage.ts';
import { redacted } from '../../secrets/redact.ts';
import { SharedLook } from '../executions/shared-look.ts';
import { secretFiles } from './secret-files.ts';

/** Time limit for all git calls about one artifact together. */
const maxMs = 4000;
const maxDiff = 1024 * 1024;
const maxUntracked = 100;

/** The commit around an artifact, and its uncommitted changes. */
export interface Code {
  /** Null for a repository that is not read or has no commit. */
  state: CodeState | null;
  /** A patch without secrets; null if nothing was changed or that cannot be known. */
  diff: string | null;
  /** Sentences about what was left out. */
  missing: string[];
}

/**
 * Describes the repository that an artifact lies in; undefined outside one. For an artifact written long ago, only the newest
 * commit of that time is known. git runs with a configuration of ours and never reads the repository's own, so nothing that it
 * names runs. Content that passes a filter is reported as unknown, except Git LFS, whose pointers are compared here. Blocks for 4 s
 * at most. Artifacts that were written before a look at the repository began share it.
 */
export async function codeAround(path: string, writtenAt: number, isFresh: boolean): Promise<Code | undefined> {
  const folder = dirname(path);
  try {
    const found = findRepository(folder);
    if (!found) return undefined;
    if ('problem' in found) return nothing(found.problem);
    if (!isFresh) return await readCode(folder, (repository, commit) => codeByDate(repository, commit, writtenAt));
    return withoutOwn(await lookAt(found.top).after(path), realpathSync(folder));
  } catch (error) {
    return nothing(`The repository was not looked at: ${messageOf(error)}.`);
  }
}

const looks = new Map<string, SharedLook<Promise<Code>>>();
const maxLooks = 20;

/** Returns the look at the present state of a repository that its artifacts share. */
function lookAt(top: string): SharedLook<Promise<Code>> {
  const look = looks.get(top) ?? new SharedLook(() => readCode(top, codeNow));
  if (looks.size >= maxLooks) looks.clear();
  looks.set(top, look);
  return look;
}

type ReadState = (repository: ClosedRepository, commit: string, deadline: number) => Promise<Code>;

async function readCode(folder: string, read: ReadState): Promise<Code> {
  const deadline = performance.now() + maxMs;
  const found = await withRepository(folder, { runGit: runGitBlocking, deadline }, async (repository) => {
    if (repository.commit === null) return nothing('The repository has no commit yet.');
    const code = await read(repository, repository.commit, deadline);
    return { ...code, missing: [...repository.missing, ...code.missing] };
  });
  if (!found) throw new Error('it is gone');
  return 'problem' in found ? nothing(found.problem) : found;
}

/** Leaves out the folder of an artifact and those that it lies in, which are not reported as untracked. */
function withoutOwn(code: Code, folder: string): Code {
  if (code.state === null) return code;
  const { repository, untracked } = code.state;
  const others = untracked.filter((path) => !isAround(join(repository, path), folder));
  return { ...code, state: { ...code.state, untracked: others.slice(0, maxUntracked) } };
}

function nothing(why: string): Code {
  return { state: null, diff: null, missing: [why] };
}

/** Describes the present state, with all untracked files. */
async function codeNow(repository: ClosedRepository, commit: string, deadline: number): Promise<Code> {
  const state = {
    repository: repository.top,
    remote: remoteOf(repository),
    commit,
    branch: repository.branch,
    changed: null,
    untracked: [],
    known: 'now' as const,
  };
  const work = await workTreeState(repository, deadline);
  if ('problem' in work) return { state, diff: null, missing: [work.problem] };
  const { diff, missing } = work.changed === false ? nothingChanged : await uncommittedDiff(repository, work);
  return {
    state: { ...state, changed: work.changed, untracked: work.untracked },
    diff,
    missing: [...work.missing, ...missing],
  };
}

const nothingChanged = { diff: null, missing: [] };

/** True for the artifact's own folder, one in it, or one that it lies in. */
function isAround(path: string, folder: string): boolean {
  return `${folder}/`.startsWith(path) || path.startsWith(`${folder}/`);
}

function remoteOf({ remote }: ClosedRepository): string | null {
  return remote === null ? null : redacted(remote);
}

async function codeByDate(repository: ClosedRepository, head: string, writtenAt: number): Promise<Code> {
  const before = `--before=${new Date(writtenAt).toISOString()}`;
  const { status, output } = await repository.run(['rev-list', '-1', before, 'HEAD']);
  const then = output.trim();
  const state = {
    repository: repository.top,
    remote: remoteOf(repository),
    commit: then === '' ? head : then,
    branch: null,
    changed: null,
    untracked: [],
    known: 'date' as const,
  };
  const byDate = 'The file is older than its detection. The commit was found by its date, and changes are not known.';
  const none =
    'The file is older than every commit in this repository. The newest commit is shown, and changes are not known.';
  const failed = 'The file is older than its detection, and git did not return its commit. The newest commit is shown.';
  return { state, diff: null, missing: [then !== '' ? byDate : status === 0 ? none : failed] };
}

/** Returns the patch of a changed work tree, and sentences about what it leaves out. */
async function uncommittedDiff(
  repository: ClosedRepository,
  { filtered }: WorkTreeState,
): Promise<{ diff: string | null; missing: string[] }> {
  if (borrowsObjects(repository))
    return {
      diff: null,
      missing: ['The repository borrows objects from elsewhere, so its uncommitted changes were not stored.'],
    };
  if (!(await markUnchanged(repository, filtered)))
    return { diff: null, missing: ['git did not return the uncommitted changes.'] };
  const without = secretFiles.map((pattern) => `:(top,exclude,icase,glob)**/${pattern}`);
  const flags = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const submodules = ['--submodule=short', '--ignore-submodules=dirty'];
  const args = ['diff', ...flags, ...submodules, 'HEAD', '--', ':(top)', ...without];
  const { outcome, status, output } = await repository.run(args, { maxBytes: maxDiff });
  if (outcome !== 'done' || status !== 0)
    return { diff: null, missing: [outcome === 'large' ? tooLarge : 'git did not return the uncommitted changes.'] };
  const patch = redacted(output);
  const missing = patch === output ? [] : ['Secrets were removed from the uncommitted changes.'];
  const changed = filtered.filter(({ isSame }) => !isSame).map(({ path }) => path);
  if (changed.length > 0) missing.push(`The stored changes leave out files that pass a filter: ${listPaths(changed)}.`);
  return { diff: patch.trim() === '' ? null : patch, missing };
}

/** Marks files as unchanged in our copy of the index, because their content on disk is not what a commit holds. False if git failed. */
async function markUnchanged(repository: ClosedRepository, files: WorkTreeState['filtered']): Promise<boolean> {
  if (files.length === 0) return true;
  const input = files.map(({ path }) => `${path}\0`).join('');
  const marked = await repository.run(['update-index', '-z', '--assume-unchanged', '--stdin'], { input });
  return marked.outcome === 'done' && marked.status === 0;
}

const tooLarge = 'The uncommitted changes are more than 1 MiB.';

function listPaths(paths: readonly string[]): string {
  return paths.length <= 5 ? paths.join(', ') : `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more`;
}
