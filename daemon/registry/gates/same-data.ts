import { compareData, evaluationData } from '../compare/metrics.ts';
import { failed, nobodyElse, passed, type Check } from './gate.ts';

/** Passes if the version was evaluated on the same data, by digest, as the current one. */
export const sameData: Check<'same_data'> = (_, facts) => {
  const alone = nobodyElse(facts);
  if (alone || facts.holder === null) return alone ?? failed('there is no current version');
  const { holder, subject } = facts;
  const { same, what } = compareData(evaluationData(holder), evaluationData(subject));
  const expected = `the data of v${holder.number}`;
  if (same === null)
    return failed(`it is not known on which data v${holder.number} and v${subject.number} were evaluated`, expected);
  return same
    ? passed('the same evaluation data', expected, 'the same')
    : failed(`other evaluation data: ${what}`, expected, what);
};
