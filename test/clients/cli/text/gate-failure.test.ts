import { expect, test } from 'vitest';
import { refusalText } from '../../../../daemon/clients/cli/text/gate-failure.ts';

const gates = [
  { gate: 'tags', outcome: 'failed', detail: 'v2 has no tag dataset' },
  { gate: 'pickle', outcome: 'passed', detail: 'pickle: no code' },
  { gate: 'approvals', outcome: 'failed', detail: '0 of 1 approvals' },
];
const report = { model: 'iris', number: 2, kind: 'stage', name: 'production', gates };

test('gates that fail stand on a line each, and one that fails alone is one sentence', () => {
  expect(refusalText('gate-failed', 'all in one', { verdict: report }).split('\n')).toEqual([
    'Cannot promote iris@2 to production, 2 gates failed. Nothing was changed:',
    '  ✗ tags  v2 has no tag dataset',
    '  ✗ approvals  0 of 1 approvals',
  ]);
  const alone = { verdict: { ...report, gates: gates.slice(0, 2) } };
  expect(refusalText('gate-failed', 'all in one', alone)).toBe('all in one');
  expect(refusalText('not-found', 'There is no model x.', {})).toBe('There is no model x.');
});
