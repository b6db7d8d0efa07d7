import { failed, found, type Check } from './gate.ts';

/** What loading the version's pickles would do is allowed; a version without a pickle passes. */
export const pickle: Check<'pickle'> = ({ allow }, { subject }) => {
  const expected = allow.join(' or ');
  if (subject.size === 0)
    return failed(`the files of v${subject.number} are not in the store, so they were not scanned`, expected);
  const actual = subject.pickle ?? 'no pickle';
  const holds = subject.pickle === null || allow.some((safety) => safety === subject.pickle);
  return found(holds, `pickle: ${actual}`, expected, actual);
};
