import { timeOf } from '../../policy/gate-schema.ts';
import { failed, found, type Check } from './gate.ts';

/** Passes if the version was registered no longer ago than this. */
export const age: Check<'age'> = ({ at_most }, { subject, now }) => {
  const since = new Date(subject.createdAt).toISOString().slice(0, 16).replace('T', ' ');
  const expected = `registered within ${at_most}`;
  if (subject.createdAt > now)
    return failed(`v${subject.number} was registered at ${since} UTC, which is in the future`, expected, since);
  return found(now - subject.createdAt <= timeOf(at_most), `registered at ${since} UTC`, expected, since);
};
