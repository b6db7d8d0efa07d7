import { found, type Check } from './gate.ts';

/** Passes if the required parts of the lineage are known: code, command, environment, data. */
export const lineage: Check<'lineage'> = ({ needs }, { subject }) => {
  const { lineage: known } = subject;
  const have = {
    code: known?.code ?? null,
    command: known?.process ?? null,
    environment: known?.environment ?? null,
    data: known && known.data.length > 0 ? known.data : null,
  };
  const missing = needs.filter((need) => have[need] === null);
  const actual = missing.length === 0 ? 'all' : `${missing.join(', ')} missing`;
  const detail =
    missing.length === 0 ? `known: ${needs.join(', ')}` : `not known of v${subject.number}: ${missing.join(', ')}`;
  return found(missing.length === 0, detail, needs.join(', '), actual);
};
