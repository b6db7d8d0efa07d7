import { amountOf, slack, compareWithCurrent } from './compare-with-current.ts';
import { failed, found, fromText, measured, type Check, type Facts } from './gate.ts';
import { numberText } from '../../shared/format.ts';
import { isSeed } from '../../shared/params.ts';

/** Passes if a metric is no worse than the current version's. Tolerance: absolute, a share of the current value, or the variation between seeds. */
export const noRegression: Check<'no_regression'> = ({ metric, tolerance, noise_of, evidence }, facts) => {
  const compared = compareWithCurrent(metric, facts, evidence);
  if ('outcome' in compared) return compared;
  const { value, held, gain, holder } = compared;
  const noise = noise_of === undefined ? undefined : noiseOf(metric, noise_of, facts);
  if (typeof noise === 'string')
    return failed(noise, `no worse than v${holder}'s ${numberText(held)}`, numberText(value));
  const room = noise ?? amountOf(tolerance ?? facts.metric(metric).tolerance, held);
  const within = room === 0 ? '' : ` by more than ${numberText(room)}`;
  const expected = `no worse than v${holder}'s ${numberText(held)}${within}`;
  const from = fromText(facts.subject, metric, evidence);
  const detail = `${metric} is ${numberText(value)}, v${holder} has ${numberText(held)}${from}`;
  return found(gain >= -room - slack(value, held), detail, expected, numberText(value));
};

/**
 * Returns twice the standard deviation of a metric among the newest versions that differ from the current one only by a seed,
 * itself included; a sentence if there are too few.
 */
function noiseOf(metric: string, count: number, { holder, subject, others }: Facts): number | string {
  if (holder === null) return 0;
  const key = withoutSeeds(holder.params);
  const alike = others(500).filter(
    (one) => one.number !== subject.number && one.number !== holder.number && withoutSeeds(one.params) === key,
  );
  const values = [holder, ...alike.slice(0, count - 1)].map((one) => measured(one, metric));
  const known = values.filter((value) => typeof value === 'number');
  if (known.length < count)
    return `the noise of ${metric} is not known: ${known.length} of ${count} versions differ from v${holder.number} only in their seed`;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return 2 * Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1));
}

function withoutSeeds(params: Readonly<Record<string, unknown>>): string {
  const kept = Object.entries(params).filter(([name]) => !isSeed(name));
  return JSON.stringify(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
