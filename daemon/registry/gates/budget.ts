import { bytesOf } from '../../policy/gate-schema.ts';
import { failed, found, fromText, measured, type Check } from './gate.ts';
import { numberText } from '../../shared/format.ts';

/** Passes if a metric such as latency, or the size of the files, is within a budget. */
export const budget: Check<'budget'> = ({ metric, size, at_most, evidence }, { subject }) => {
  const expected = `at most ${at_most}`;
  if (size === true) {
    if (subject.size === 0)
      return failed(`the files of v${subject.number} are not in the store, so its size is not known`, expected);
    return found(subject.size <= bytesOf(at_most), `${subject.size} bytes`, expected, `${subject.size} bytes`);
  }
  const value = measured(subject, metric ?? '', evidence);
  if (typeof value === 'string') return failed(value, expected);
  const detail = `${metric} is ${numberText(value)}${fromText(subject, metric ?? '', evidence)}`;
  return found(value <= bytesOf(at_most), detail, expected, numberText(value));
};
