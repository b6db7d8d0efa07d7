import { matches } from '../../shared/glob.ts';
import { failed, found, type Check } from './gate.ts';

/** Passes if the version's code was committed, or on a branch, or both. */
export const git: Check<'git'> = ({ clean, branch }, { subject }) => {
  const wanted = [clean ? 'nothing uncommitted' : [], branch === undefined ? [] : `branch ${branch}`].flat();
  const expected = wanted.join(', ') || 'a commit';
  const code = subject.lineage?.code;
  if (!code) return failed(`it is not known from which commit v${subject.number} came`, expected);
  const state = code.changed === null ? 'perhaps changed' : code.changed ? 'changed' : 'nothing uncommitted';
  const actual = `${code.commit.slice(0, 8)} on ${code.branch ?? 'no branch'}, ${state}`;
  const onBranch = branch === undefined || (code.branch !== null && matches(code.branch, branch));
  return found(onBranch && (!clean || code.changed === false), `commit ${actual}`, expected, actual);
};
