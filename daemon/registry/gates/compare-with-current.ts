import { splitOf } from '../../shared/metrics.ts';
import { compareData, evaluationData } from '../compare/metrics.ts';
import { failed, measured, nobodyElse, type Accepted, type Facts, type Finding } from './gate.ts';

/** A metric of the version and of the current one. A higher `gain` is better for any direction. */
export interface MetricComparison {
  value: number;
  held: number;
  /** Above 0 if the version is better. */
  gain: number;
  holder: number;
}

/** Compares a metric with the current version's. Returns a finding if that is impossible. */
export function compareWithCurrent(
  metric: string,
  facts: Facts,
  accepted: Accepted = 'any',
): MetricComparison | Finding {
  const alone = nobodyElse(facts);
  if (alone || facts.holder === null) return alone ?? failed('there is no current version');
  const { subject, holder } = facts;
  const { direction } = facts.metric(metric);
  if (direction === null)
    return failed(
      `it is not known whether a higher ${metric} is better; set its direction under metrics in plinth.yaml`,
    );
  const value = measured(subject, metric, accepted);
  if (typeof value === 'string') return failed(value);
  const held = measured(holder, metric, accepted);
  if (typeof held === 'string') return failed(held);
  const data =
    splitOf(metric) === 'training'
      ? { same: true, what: '' }
      : compareData(evaluationData(holder), evaluationData(subject));
  if (data.same === false)
    return failed(`${metric} cannot be compared with that of v${holder.number}: other evaluation data, ${data.what}`);
  return { value, held, gain: direction === 'higher' ? value - held : held - value, holder: holder.number };
}

/** Returns an amount, `0.01`, or a share, `1%`, of a value. */
export function amountOf(amount: number | string | undefined, of: number): number {
  if (amount === undefined) return 0;
  return typeof amount === 'number' ? amount : (Number(amount.slice(0, -1)) / 100) * Math.abs(of);
}

/** Returns the tolerance for rounding of decimal fractions: 0.9 - 0.89 is a little more than 0.01. */
export function slack(a: number, b: number): number {
  return Number.EPSILON * 8 * Math.max(Math.abs(a), Math.abs(b));
}
