import { expect, test } from 'vitest';
import { RegistryError } from '../../../daemon/errors.ts';
import { gateKinds, gateSchema, type Gate } from '../../../daemon/policy/gate-schema.ts';
import { evaluate } from '../../../daemon/registry/gates/evaluate.ts';
import { passed, type Facts, type Subject } from '../../../daemon/registry/gates/gate.ts';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import type { Approval } from '../../../daemon/protocol/approval.ts';

const day = 86_400_000;
const field = { name: 'x', dtype: 'float32', shape: ['n', 4] };

function lineage(digest = 'sha256:a', changed = false): Lineage {
  const code = { repository: '/r', remote: null, commit: 'c'.repeat(40), branch: 'main', changed, untracked: [] };
  const file = { path: 'data/test.csv', size: 1, digest, rows: null, columns: null, named: 'data' };
  return {
    takenAt: 0,
    code: { ...code, known: 'now' },
    process: null,
    environment: { python: '3.12', cuda: null, packages: {}, source: 's' },
    data: [file],
    seeds: {},
    captured: [],
    missing: [],
  };
}

function subject(number: number, wanted: Partial<Subject> = {}): Subject {
  const files: Record<string, string> = {
    'fair.csv': 'sex,accuracy\nf,0.9\n"m, other",0.8\n',
    'fair.json': '{"f": {"accuracy": 0.9}, "m": {"accuracy": 0.8}}',
    'bad.csv': 'sex,accuracy\nf,0.9\nm,\n',
    'torn.csv': 'sex,accuracy\nf\n',
    'no.json': '{"f": 1}',
    'list.json': '[{"region": "north", "rmse": 9}, {"region": "south", "rmse": 12}]',
  };
  return {
    number,
    size: 1000,
    pickle: 'no code',
    createdAt: 10 * day,
    author: 'ana',
    tags: { dataset: 'iris', empty: '' },
    counted: [],
    unused: [],
    metrics: { accuracy: 0.9, rmse: 10, odd: 1, word: 'NaN' },
    params: { lr: 0.1, seed: number },
    lineage: lineage(),
    signature: { inputs: [field], outputs: [] },
    evidence: ['reports/eval.html'],
    text: (name) => files[name],
    ...wanted,
  };
}

function said(
  person: string,
  decision: Approval['decision'] = 'approved',
  role: Approval['role'] = 'approver',
): Approval {
  return {
    seq: 1,
    at: 0,
    actor: person,
    kind: 'stage',
    name: 'production',
    decision,
    person,
    role,
    text: 'no',
    until: 9e15,
  };
}

interface Wanted {
  subject?: Partial<Subject>;
  holder?: Partial<Subject> | null;
  approvals?: Approval[];
  others?: Subject[];
}

function facts({ subject: mine, holder = {}, approvals = [], others = [] }: Wanted): Facts {
  return {
    model: 'churn',
    pointer: 'production',
    subject: subject(8, mine),
    holder: holder === null ? null : subject(7, holder),
    now: 20 * day,
    metric: (name) => ({
      direction: name === 'odd' ? null : name === 'rmse' ? 'lower' : 'higher',
      tolerance: undefined,
    }),
    others: () => others,
    missingOnCard: (fields) => fields.filter((one) => one !== 'owner'),
    approvals,
    command: (run) => (run === 'true' ? passed('said yes') : undefined),
  };
}

const accuracy = (value: number): Partial<Subject> => ({ metrics: { accuracy: value } });
const seeds = [subject(5, accuracy(0.92)), subject(6, accuracy(0.88))];

/** Each kind of gate: passing, failing, broken. */
const cases: [string, object, Wanted, string][] = [
  ['metric', { metric: 'accuracy', at_least: 0.9 }, {}, 'passed accuracy is 0.9, wanted at least 0.9'],
  [
    'metric',
    { metric: 'accuracy', at_least: 0.91, at_most: 1 },
    {},
    'failed accuracy is 0.9, wanted at least 0.91, at most 1',
  ],
  ['metric', { metric: 'auc', at_least: 0.91 }, {}, 'failed v8 has no metric auc; it has accuracy, rmse, odd, word'],
  ['metric', { metric: 'word', at_least: 0.91 }, {}, 'failed word of v8 is "NaN", which is not a number'],
  ['metric', { metric: 'constructor', at_least: 0 }, {}, 'failed v8 has no metric constructor'],
  ['no_regression', { metric: 'accuracy' }, {}, 'passed accuracy is 0.9, v7 has 0.9'],
  ['no_regression', { metric: 'accuracy', tolerance: 0.01 }, { subject: accuracy(0.89) }, 'passed'],
  [
    'no_regression',
    { metric: 'accuracy', tolerance: '1%' },
    { subject: accuracy(0.89) },
    'failed accuracy is 0.89, v7 has 0.9',
  ],
  ['no_regression', { metric: 'rmse', tolerance: '2%' }, { subject: { metrics: { rmse: 10.2 } } }, 'passed'],
  ['no_regression', { metric: 'rmse' }, { subject: { metrics: { rmse: 10.2 } } }, 'failed'],
  ['no_regression', { metric: 'accuracy', noise_of: 3 }, { subject: accuracy(0.87), others: seeds }, 'passed'],
  [
    'no_regression',
    { metric: 'accuracy', noise_of: 3 },
    { subject: accuracy(0.85), others: seeds },
    'failed accuracy is 0.85',
  ],
  [
    'no_regression',
    { metric: 'accuracy', noise_of: 4 },
    { others: seeds },
    'failed the noise of accuracy is not known: 3 of 4',
  ],
  ['no_regression', { metric: 'odd' }, {}, 'failed it is not known whether a higher odd is better'],
  ['no_regression', { metric: 'accuracy' }, { holder: null }, 'skipped production has no current version'],
  [
    'no_regression',
    { metric: 'accuracy' },
    { holder: { lineage: lineage('sha256:b') } },
    'failed accuracy cannot be compared with that of v7',
  ],
  ['improvement', { metric: 'accuracy', by: 0.01 }, { subject: accuracy(0.91) }, 'passed'],
  ['improvement', { metric: 'accuracy' }, {}, 'failed accuracy is 0.9, v7 has 0.9'],
  ['improvement', { metric: 'accuracy' }, { holder: { metrics: {} } }, 'failed v7 has no metric accuracy; it has none'],
  [
    'slices',
    { file: 'fair.csv', metric: 'accuracy', group: 'sex', worst: 0.8, gap: 0.1 },
    {},
    'passed accuracy over 2 groups: worst 0.8 (m, other), gap 0.1',
  ],
  [
    'slices',
    { file: 'fair.json', metric: 'accuracy', worst: 0.85 },
    {},
    'failed accuracy over 2 groups: worst 0.8 (m)',
  ],
  ['slices', { file: 'fair.csv', metric: 'accuracy', group: 'sex', gap: 0.05 }, {}, 'failed'],
  [
    'slices',
    { file: 'bad.csv', metric: 'accuracy', group: 'sex', gap: 1 },
    {},
    'failed bad.csv has a row without a number for accuracy (m)',
  ],
  [
    'slices',
    { file: 'torn.csv', metric: 'accuracy', group: 'sex', gap: 1 },
    {},
    'failed torn.csv: row 2 has 1 cells, its head has 2',
  ],
  ['slices', { file: 'no.json', metric: 'accuracy', gap: 1 }, {}, 'failed no.json: one of its rows is not an object'],
  ['slices', { file: 'gone.csv', metric: 'accuracy', gap: 1 }, {}, 'failed v8 has no file gone.csv; attach it'],
  ['same_data', {}, {}, 'passed the same evaluation data'],
  [
    'same_data',
    {},
    { holder: { lineage: lineage('sha256:b') } },
    'failed other evaluation data: data/test.csv differs',
  ],
  ['same_data', {}, { holder: { lineage: null } }, 'failed it is not known on which data v7 and v8 were evaluated'],
  [
    'slices',
    { file: 'list.json', metric: 'rmse', group: 'region', worst: 12, gap: 3 },
    {},
    'passed rmse over 2 groups: worst 12 (south), gap 3',
  ],
  [
    'slices',
    { file: 'list.json', metric: 'rmse', group: 'region', worst: 11 },
    {},
    'failed rmse over 2 groups: worst 12',
  ],
  [
    'budget',
    { metric: 'latency_ms', at_most: 20 },
    { subject: { metrics: { latency_ms: 19.5 } } },
    'passed latency_ms is 19.5',
  ],
  ['budget', { metric: 'latency_ms', at_most: 20 }, {}, 'failed v8 has no metric latency_ms; it has accuracy'],
  ['budget', { size: true, at_most: '1 kB' }, {}, 'passed 1000 bytes'],
  ['budget', { metric: 'rmse', at_most: 9 }, {}, 'failed rmse is 10'],
  ['budget', { size: true, at_most: '1 kB' }, { subject: { size: 0 } }, 'failed the files of v8 are not in the store'],
  ['card', { fields: ['owner'] }, {}, 'passed the card says owner'],
  ['card', { fields: ['owner', 'license'] }, {}, 'failed the card does not say license'],
  ['tags', { keys: ['dataset'] }, {}, 'passed'],
  ['tags', { keys: ['dataset', 'empty', 'toString'] }, {}, 'failed v8 has no tag empty, toString'],
  ['evidence', { files: ['eval.html', '*.html'] }, {}, 'passed'],
  ['evidence', { files: ['explain.html'] }, {}, 'failed not attached: explain.html'],
  ['pickle', {}, {}, 'passed pickle: no code'],
  ['pickle', {}, { subject: { pickle: 'runs code' } }, 'failed pickle: runs code'],
  ['pickle', {}, { subject: { pickle: 'unreadable' } }, 'failed pickle: unreadable'],
  ['git', { branch: 'main' }, {}, 'passed commit cccccccc on main, nothing uncommitted'],
  ['git', {}, { subject: { lineage: lineage('d', true) } }, 'failed commit cccccccc on main, changed'],
  ['git', { branch: 'release/*' }, {}, 'failed commit cccccccc on main'],
  ['git', {}, { subject: { lineage: null } }, 'failed it is not known from which commit v8 came'],
  ['lineage', { needs: ['code', 'data', 'environment'] }, {}, 'passed known: code, data, environment'],
  ['lineage', { needs: ['code', 'command'] }, {}, 'failed not known of v8: command'],
  ['lineage', {}, { subject: { lineage: null } }, 'failed not known of v8: code, environment'],
  ['age', { at_most: '10d' }, {}, 'passed registered at 1970-01-11 00:00 UTC'],
  ['age', { at_most: '9d' }, {}, 'failed'],
  [
    'age',
    { at_most: '9d' },
    { subject: { createdAt: 21 * day } },
    'failed v8 was registered at 1970-01-22 00:00 UTC, which is in the future',
  ],
  ['signature', {}, {}, 'passed'],
  [
    'signature',
    {},
    { subject: { signature: { inputs: [{ ...field, dtype: 'float64' }], outputs: [] } } },
    'failed input x was float32 [?, 4] and is float64 [?, 4]',
  ],
  ['signature', {}, { subject: { signature: null } }, 'failed v8 has no signature'],
  [
    'approvals',
    { count: 2 },
    { approvals: [said('bo'), said('cy', 'approved', 'admin')] },
    'passed approved by bo, cy',
  ],
  [
    'approvals',
    { count: 2 },
    { approvals: [said('bo'), said('bo'), said('ana')] },
    'failed 1 of 2 approvals; ana made it and does not count',
  ],
  ['approvals', {}, { approvals: [said('bo'), said('bo', 'rejected')] }, 'failed rejected by bo: no'],
  ['approvals', {}, { approvals: [said('bo', 'approved', 'contributor')] }, 'failed 0 of 1 approvals'],
  ['command', { run: 'true' }, {}, 'passed said yes'],
  ['command', { run: 'false' }, {}, 'failed false was not run'],
];

test.each(cases)('the gate %s %j on %j', (kind, words, wanted, told) => {
  const [result] = evaluate([gateSchema.parse({ gate: kind, ...words })], facts(wanted));
  expect(`${result?.outcome} ${result?.detail}`).toContain(told);
});

/** Each kind of gate as people would write it. */
const kinds: Record<Gate['gate'], object> = {
  metric: { metric: 'accuracy', at_least: 0 },
  no_regression: { metric: 'accuracy' },
  improvement: { metric: 'accuracy' },
  slices: { file: 'fair.csv', metric: 'accuracy', gap: 1 },
  same_data: {},
  budget: { metric: 'latency_ms', at_most: 1 },
  card: { fields: ['owner'] },
  tags: { keys: ['dataset'] },
  evidence: { files: ['evaluation.html', 'explainability.html', 'fairness.csv'] },
  pickle: {},
  git: {},
  lineage: {},
  age: { at_most: '1d' },
  signature: {},
  approvals: {},
  command: { run: 'true' },
};

test.each(Object.entries(kinds))(
  'the gate %s fails where what it looks at cannot be read, and says so',
  (kind, words) => {
    const unreadable = <T extends object>(known: T): T =>
      new Proxy(known, {
        get: (target, key) => {
          if (key === 'number' || key === 'subject' || key === 'holder') return Reflect.get(target, key) as unknown;
          throw new RegistryError('damaged', 'blob sha256:1 is damaged; run: plinth verify');
        },
      });
    const whole = facts({});
    const broken = { ...whole, subject: unreadable(subject(8)), holder: unreadable(subject(7)) };
    const [result] = evaluate([gateSchema.parse({ gate: kind, ...words })], unreadable(broken));
    expect(result).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('blob sha256:1 is damaged') });
  },
);

test('every kind of gate has a case that passes, one that fails and one in which what it needs is broken', () => {
  const kindsThat = (outcome: string): string[] =>
    [...new Set(cases.flatMap(([kind, , , told]) => (told.startsWith(outcome) ? kind : [])))].toSorted();
  const all = [...gateKinds].toSorted();
  expect([kindsThat('passed'), kindsThat('failed'), Object.keys(kinds).toSorted()]).toEqual([all, all, all]);
});
