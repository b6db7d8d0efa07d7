import { realpathSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { withRepository } from '../git/closed-repository.ts';
import { runGit } from '../git/run.ts';

const maxMs = 2000;

/**
 * Returns true if git's newest commit has this text of a file, with line endings by its attributes; null outside a repository, in
 * one that needs its own configuration, and if git takes longer than 2 s. Runs nothing that the repository names.
 */
export async function isCommitted(path: string, text: string): Promise<boolean | null> {
  const deadline = performance.now() + maxMs;
  try {
    const folder = realpathSync(dirname(path));
    const found = await withRepository(folder, { runGit, deadline }, async ({ top, commit, run }) => {
      if (commit === null) return false;
      const name = [...relative(top, folder).split(sep), basename(path)].filter((part) => part !== '').join('/');
      const committed = await run(['rev-parse', '--verify', '-q', `HEAD:${name}`]);
      if (committed.outcome !== 'done') return null;
      if (committed.status !== 0) return committed.status === 1 ? false : null;
      const now = await run(['hash-object', '--stdin', `--path=${name}`], { input: text });
      return now.outcome === 'done' && now.status === 0 ? now.output === committed.output : null;
    });
    return found === undefined || (found !== null && typeof found === 'object') ? null : found;
  } catch {
    return null;
  }
}
