import { amountOf, slack, compareWithCurrent } from './compare-with-current.ts';
import { found, fromText, type Check } from './gate.ts';
import { numberText } from '../../shared/format.ts';

/** Passes if a metric is better than the current version's, by the given amount if there is one. */
export const improvement: Check<'improvement'> = ({ metric, by, evidence }, facts) => {
  const compared = compareWithCurrent(metric, facts, evidence);
  if ('outcome' in compared) return compared;
  const { value, held, gain, holder } = compared;
  const least = amountOf(by, held);
  const expected = `better than v${holder}'s ${numberText(held)}${least === 0 ? '' : ` by ${numberText(least)}`}`;
  const detail = `${metric} is ${numberText(value)}, v${holder} has ${numberText(held)}${fromText(facts.subject, metric, evidence)}`;
  const holds = least === 0 ? gain > 0 : gain >= least - slack(value, held);
  return found(holds, detail, expected, numberText(value));
};
