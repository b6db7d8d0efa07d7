import { bytesOf } from '../../policy/gate-schema.ts';
import { failed, found, measured, type Check } from './gate.ts';
import { numberText } from '../../shared/format.ts';

/** A metric such as a latency, or the size of the files, stays within a budget. */
export const budget: Check<'budget'> = ({ metric, size, at_most }, { subject }) => {
  const expected = `at most ${at_most}`;
  if (size === true) {
    if (subject.size === 0)
      return failed(`the files of v${subject.number} are not in the store, so its size is not known`, expected);
    return found(subject.size <= bytesOf(at_most), `${subject.size} bytes`, expected, `${subject.size} bytes`);
  }
  const value = measured(subject, metric ?? '');
  if (typeof value === 'string') return failed(value, expected);
  return found(value <= bytesOf(at_most), `${metric} is ${numberText(value)}`, expected, numberText(value));
};
