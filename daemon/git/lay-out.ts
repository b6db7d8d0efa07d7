import { copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ClosedRepository } from './closed-repository.ts';
import { filtersOf } from './work-tree-state.ts';

/** A commit checked out in a folder. */
export interface LaidOut {
  /** Files in their stored form, because a filter was not run. */
  filtered: string[];
  /** Applies a patch. False if that failed. */
  apply: (patch: string) => Promise<boolean>;
}

/**
 * Checks a commit out as a linked worktree in a new folder. The worktree's registration is written here and its files by git with
 * our configuration, so no hook or filter of the repository runs and nothing is fetched. Throws if that fails.
 */
export async function layOutCommit(repository: ClosedRepository, commit: string, folder: string): Promise<LaidOut> {
  const { commonDir, run } = repository;
  const worktrees = join(commonDir, 'worktrees');
  mkdirSync(worktrees, { recursive: true });
  if (realpathSync(worktrees) !== worktrees) throw new Error(`${worktrees} is a link`);
  if (/\n/.test(folder)) throw new Error('the name of the folder has a line break');
  mkdirSync(folder, { recursive: true });
  const top = realpathSync(folder);
  const index = join(repository.ownDir, 'laid-out');
  const git = async (...args: string[]): Promise<void> => {
    const { outcome, status, error } = await run(args, { instead: { top, index } });
    if (outcome !== 'done' || status !== 0) throw new Error(error === '' ? `git ${args[0]} ended ${outcome}` : error);
  };
  await git('read-tree', '--no-sparse-checkout', `${commit}^{commit}`);
  await git('checkout-index', '--all', '--index');
  const worktreeFolder = makeWorktreeFolder(worktrees, basename(top));
  writeFileSync(join(worktreeFolder, 'commondir'), '../..\n');
  writeFileSync(join(worktreeFolder, 'HEAD'), `${commit}\n`);
  writeFileSync(join(worktreeFolder, 'gitdir'), `${join(top, '.git')}\n`);
  copyFileSync(index, join(worktreeFolder, 'index'));
  writeFileSync(join(top, '.git'), `gitdir: ${worktreeFolder}\n`, { flag: 'wx' });
  return {
    filtered: await storedForms(repository, { top, index }),
    apply: async (patch) => {
      const { outcome, status } = await run(['apply', '--whitespace=nowarn', patch], { instead: { top, index } });
      return outcome === 'done' && status === 0;
    },
  };
}

/** Makes a folder for the worktree's registration, named as git does. */
function makeWorktreeFolder(worktrees: string, name: string): string {
  const plain = name.replaceAll(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'worktree';
  for (let number = 0; ; number += 1) {
    const worktreeFolder = join(worktrees, number === 0 ? plain : `${plain}${number}`);
    if (existsSync(worktreeFolder)) continue;
    mkdirSync(worktreeFolder);
    return worktreeFolder;
  }
}

async function storedForms(repository: ClosedRepository, instead: { top: string; index: string }): Promise<string[]> {
  const listed = await repository.run(['ls-files', '-z'], { instead });
  const paths = listed.output.split('\0').filter((path) => path !== '');
  const filters = (await filtersOf(repository, paths, instead)) ?? new Map<string, string>();
  const isProgram = (name: string): boolean => name === 'lfs' || (repository.filters?.has(name) ?? true);
  return [...filters].flatMap(([path, name]) => (isProgram(name) ? [path] : []));
}
