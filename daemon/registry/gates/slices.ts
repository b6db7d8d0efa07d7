import { rowsOfTable } from '../../formats/text/table.ts';
import { failed, found, type Check } from './gate.ts';
import { referenceTo } from '../../shared/references.ts';
import { numberText } from '../../shared/format.ts';

/** Passes if, in a table with one row for each group, the worst group is good enough and the gap between groups small enough. */
export const slices: Check<'slices'> = ({ file, metric, group, worst, gap }, facts) => {
  const text = facts.subject.text(file);
  if (text === undefined)
    return failed(
      `v${facts.subject.number} has no file ${file}; attach it: plinth attach ${referenceTo(facts.model, facts.subject.number)} ${file}`,
    );
  const table = rowsOfTable(text);
  if (typeof table === 'string') return failed(`${file}: ${table}`);
  const rows = table.map((row) => ({ name: row[group], value: Number(row[metric]), given: row[metric] }));
  const bad = rows.find(
    ({ name, value, given }) => name === undefined || given === undefined || given === '' || !Number.isFinite(value),
  );
  if (bad)
    return failed(
      `${file} has a row without ${bad.name === undefined ? group : `a number for ${metric} (${bad.name})`}`,
    );
  if (rows.length === 0) return failed(`${file} has no rows`);
  const { direction } = facts.metric(metric);
  if (direction === null && worst !== undefined)
    return failed(
      `it is not known whether a higher ${metric} is better; set its direction under metrics in plinth.yaml`,
    );
  const ordered = rows.toSorted((a, b) => a.value - b.value);
  const [least, most] = [ordered[0]!, ordered.at(-1)!];
  const lowest = direction === 'lower' ? most : least;
  const between = most.value - least.value;
  const isWorstGood = worst === undefined || (direction === 'lower' ? lowest.value <= worst : lowest.value >= worst);
  const parts = [
    worst === undefined ? [] : [`worst group ${direction === 'lower' ? 'at most' : 'at least'} ${numberText(worst)}`],
    gap === undefined ? [] : [`gap at most ${numberText(gap)}`],
  ].flat();
  const actual = `worst ${numberText(lowest.value)} (${lowest.name}), gap ${numberText(between)}`;
  const holds = isWorstGood && between <= (gap ?? Infinity) + 1e-12;
  return found(holds, `${metric} over ${rows.length} groups: ${actual}`, parts.join(', '), actual);
};
