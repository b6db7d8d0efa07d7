import { failed, found, type Check } from './gate.ts';

/** Passes if the policy allows what loading the version's pickles would do, and for a version without a pickle. */
export const pickle: Check<'pickle'> = ({ allow }, { subject }) => {
  const expected = allow.join(' or ');
  if (subject.size === 0)
    return failed(`the files of v${subject.number} are not in the store, so they were not scanned`, expected);
  const actual = subject.pickle ?? 'no pickle';
  const holds = subject.pickle === null || allow.some((safety) => safety === subject.pickle);
  return found(holds, `pickle: ${actual}`, expected, actual);
};
