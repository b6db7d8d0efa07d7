import { failed, found, fromText, measured, type Check } from './gate.ts';
import { numberText } from '../../shared/format.ts';

/** Passes if a metric is within the given bounds. */
export const metric: Check<'metric'> = ({ metric: name, at_least, at_most, evidence }, { subject }) => {
  const bounds = [
    at_least === undefined ? [] : [`at least ${numberText(at_least)}`],
    at_most === undefined ? [] : [`at most ${numberText(at_most)}`],
  ];
  const expected = bounds.flat().join(', ');
  const value = measured(subject, name, evidence);
  if (typeof value === 'string') return failed(value, expected);
  const holds = value >= (at_least ?? -Infinity) && value <= (at_most ?? Infinity);
  const from = fromText(subject, name, evidence);
  return found(holds, `${name} is ${numberText(value)}, wanted ${expected}${from}`, expected, numberText(value));
};
