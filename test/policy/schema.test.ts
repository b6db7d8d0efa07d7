import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gateKinds } from '../../daemon/policy/gate-schema.ts';
import { plinthJsonSchema } from '../../daemon/policy/schema.ts';
import { readPlinthFile } from '../../daemon/policy/parse.ts';

function problems(text: string): string[] {
  return readPlinthFile(text).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

const whole = `
models:
  - match: churn*
    owner: ana
    name: { pattern: 'churn*', reserved: [test] }
    tags: [dataset]
    stages: [development, qa, { name: production, exclusive: false }, archived]
    metrics: { rmse: { direction: lower, tolerance: 1% }, profit: higher }
    card: [owner, license]
    gates:
      production:
        - { gate: metric, metric: accuracy, at_least: 0.9 }
        - { gate: no_regression, metric: rmse, noise_of: 5 }
        - { gate: approvals, count: 2 }
      '@champion':
        - { gate: budget, size: true, at_most: 100 MB }
`;

test('a file says of models who owns them, how they are named and what must hold', () => {
  const { file, problems: none } = readPlinthFile(whole);
  expect(none).toEqual([]);
  expect(file.models[0]).toMatchObject({
    match: 'churn*',
    owner: 'ana',
    tags: ['dataset'],
    card: ['owner', 'license'],
  });
  expect(Object.keys(file.models[0]?.gates ?? {})).toEqual(['production', '@champion']);
  expect(file.models[0]?.gates['production']?.[2]).toEqual({ gate: 'approvals', count: 2, role: 'approver' });
});

/** `§` marks the position of the mistake. */
test.each([
  ['gates: {production: [{gate: §metrc}]}', 'models[0].gates.production[0].gate: it must be one of metric, '],
  ['gates: {production: [{gate: age, at_most: §3}]}', 'models[0].gates.production[0].at_most: it must be of type'],
  ['gates: {production: [{gate: age, at_most: §30 days}]}', 'at_most: it must be a time such as 30d, not "30 days"'],
  [
    'gates: {production: [{gate: metric, metric: a, min: §1}]}',
    'has no key "min"; allowed keys: gate, metric, at_least',
  ],
  ['gates: {production: [§{gate: metric, metric: a}]}', 'the gate metric needs at_least or at_most'],
  [
    'gates: {prod: §[]}',
    'models[0] has no stage prod. Its stages are development, staging, production, archived; write an alias as @prod',
  ],
  ['stages: [a, b, §a]', 'models[0] has the stage a twice'],
  ['stages: [§Prod]', 'models[0].stages[0]: it must be a stage: small letters, digits'],
  ['metrics: {a: §up}', 'models[0].metrics.a: it must be higher, lower, or a mapping of direction and tolerance'],
  ['retention: §{act: delete}', 'models[0].retention needs keep or days'],
  ['retention: {kep: §3}', 'models[0].retention has no key "kep"; allowed keys: keep, days, act'],
  ['deployment: {prod: §{run: x}}', 'models[0] has no stage prod. Its stages are'],
  [
    'deployment: {archived: §{run: x}}',
    'models[0].deployment: archived has no current version, so nothing would be deployed',
  ],
  ['deployment: {production: {run: x, command: §x}}', 'has no key "command"; allowed keys: run, timeout'],
  ['deployment: {production: {run: x, timeout: §5 min}}', 'it must be a time such as 10m, not "5 min"'],
  ['ownr: §me', 'models[0] has no key "ownr"; allowed keys: match, owner, name'],
])('%s is told with its place', (words, told) => {
  const line = `  - {match: a, ${words}}`;
  const text = `models:\n${line.replace('§', '')}\n`;
  const [first] = problems(text);
  expect(first).toContain(`2:${line.indexOf('§') + 1}: `);
  expect(first).toContain(told);
  expect(readPlinthFile(text).file.models).toEqual([]);
});

test('the JSON Schema for editors names every part and every kind of gate', () => {
  const text = JSON.stringify(plinthJsonSchema());
  for (const word of ['watch', 'models', 'no_regression', 'approvals', 'reserved']) expect(text).toContain(`"${word}"`);
});

test('the example of the documentation has no mistake and names every kind of gate', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'plinth.yaml.md'), 'utf8');
  const [, example = ''] = /```yaml\n(# How folders[\s\S]*?)```/.exec(text) ?? [];
  const { file, problems: none } = readPlinthFile(example);
  expect(none).toEqual([]);
  const used = file.models.flatMap(({ gates }) =>
    Object.values(gates)
      .flat()
      .map(({ gate }) => gate),
  );
  expect(gateKinds.filter((kind) => !used.includes(kind))).toEqual([]);
});
