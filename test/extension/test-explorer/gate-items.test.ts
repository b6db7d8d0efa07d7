import { expect, test } from 'vitest';
import type { GatedModel, GateReport, GateResult } from '../../../daemon/protocol/policy.ts';
import {
  gateItem,
  outputLines,
  resultsOf,
  stateOf,
  valuesOf,
  type GateItem,
} from '../../../extension/test-explorer/gate-items.ts';

const place = { line: 3, column: 5 };
const model: GatedModel = {
  model: 'churn',
  next: 9,
  policy: { path: '/home/ana/plinth.yaml', digest: 'sha256:1' },
  problem: null,
  place,
  pointers: [
    {
      kind: 'stage',
      name: 'production',
      holder: 7,
      place,
      gates: ['metric auc', 'metric auc', 'git'].map((gate) => ({ gate, place })),
    },
    { kind: 'alias', name: 'champion', holder: null, place, gates: [{ gate: 'git', place }] },
  ],
};

const result = (gate: string, outcome: GateResult['outcome'], detail = 'so'): GateResult => ({ gate, outcome, detail });

function labels(items: readonly GateItem[]): unknown[] {
  return items.map(({ label, children }) => (children.length === 0 ? label : [label, ...labels(children)]));
}

test('a model names the version that is next, a stage its current version, and each gate has an id of its own', () => {
  const items = [gateItem(model)];
  expect(labels(items)).toEqual([
    ['churn v9', ['production → v7', 'metric auc', 'metric auc', 'git'], ['@champion → empty', 'git']],
  ]);
  expect(items[0]?.children[0]?.children.map(({ id }) => id)).toEqual(['metric auc', 'metric auc #2', 'git']);
  expect(gateItem({ ...model, next: null }).label).toBe('churn (no version)');
});

test('two gates of one name get their own results, and what is no gate of the policy is left over', () => {
  const gates = model.pointers[0]?.gates ?? [];
  const report = [result('bytes', 'failed'), result('metric auc', 'passed'), result('metric auc', 'failed')];
  const { results, others } = resultsOf(gates, { gates: report });
  expect(results.map((one) => one?.outcome)).toEqual(['passed', 'failed', undefined]);
  expect(others.map(({ gate }) => gate)).toEqual(['bytes']);
});

test('results are stale after another version, another current version or another text of the policy', () => {
  const [production] = model.pointers;
  const changed = [
    { ...model, next: 10 },
    { ...model, pointers: [{ ...production!, holder: 9 }] },
    { ...model, policy: { ...model.policy, digest: 'sha256:2' } },
  ];
  expect(new Set([model, ...changed].map(stateOf)).size).toBe(4);
  expect(stateOf({ ...model, place: { line: 30, column: 1 } })).toBe(stateOf(model));
});

test('values stand side by side for a gate that measures, and a sentence says what others lack', () => {
  const of = (gate: string): unknown => valuesOf({ ...result(gate, 'failed'), expected: '≥ 0.9', actual: '0.8' });
  expect(of('metric auc')).toEqual({ expected: '≥ 0.9', actual: '0.8' });
  expect(of('tags')).toBeUndefined();
  expect(valuesOf(result('metric auc', 'failed'))).toBeUndefined();
});

test('names cannot control the terminal that shows a run, nor reorder its text', () => {
  const hostile = { ...model, model: 'a\u001b[2J\u202eb', problem: 'x\u0007' };
  expect(gateItem(hostile)).toMatchObject({ label: 'a\\x1b[2J\\u202eb v9', error: 'x\\x07' });
  const report = {
    ...model,
    number: 9,
    kind: 'stage',
    name: 'production',
    model: hostile.model,
  } as unknown as GateReport;
  const lines = outputLines({ ...report, gates: [result('git', 'failed', 'one\r\n\u001b[31mtwo')] });
  expect(lines).toEqual([
    'a\\x1b[2J\\u202eb v9 → production: 0 passed, 1 failed, 0 skipped',
    '  failed  git: one \\x1b[31mtwo',
  ]);
});
