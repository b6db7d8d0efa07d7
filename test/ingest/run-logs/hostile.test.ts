import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { runLogReaders } from '../../../daemon/ingest/run-logs/readers.ts';
import { readBytes, readText, sampleBytes } from './sample.ts';

const NAMES = [
  'metrics.json',
  'params.json',
  'metrics.jsonl',
  'params.yaml',
  'metrics.yaml',
  'metrics.csv',
  'results.csv',
  'loss.tsv',
  'events.out.tfevents.1',
  'trainer_state.json',
  'run.json',
  'result.json',
  'test_error.tsv',
  'catboost_training.json',
  'journal.log',
  'params.toml',
  'run-a.wandb',
];

test.each(NAMES)('any bytes in %s are read without an exception', (name) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 400 }).map((text) => new Uint8Array(Buffer.from(text))),
    fc.json().map((text) => new Uint8Array(Buffer.from(`${text}\n`))),
  );
  fc.assert(
    fc.property(bytes, (content) => void readBytes(name, content)),
    { numRuns: 200 },
  );
});

test.each([
  ['deep lists', '['.repeat(2_000_000)],
  ['deep maps', '{"a":'.repeat(500_000)],
  ['many empty lists', `[${'[],'.repeat(1_000_000)}[]]`],
  ['many names', `{${Array.from({ length: 200_000 }, (_, at) => `"k${at}":1`).join()}}`],
  ['a long string of backslashes', `{"a":"${'\\\\'.repeat(1_000_000)}"}`],
  ['an open string', `{"a":"${'x'.repeat(3_000_000)}`],
])('JSON of %s is read fast', (_what, text) => {
  const start = computed();
  const { problems } = readText('metrics.json', text);
  expect(computed() - start).toBeLessThan(5000);
  expect(problems.length).toBeLessThanOrEqual(20);
});

test('an alias bomb is refused with a problem', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let at = 1; at < 12; at++)
    lines.push(
      `a${at}: &a${at} [${Array(9)
        .fill(`*a${at - 1}`)
        .join(', ')}]`,
    );
  const start = computed();
  const values = readText('params.yaml', lines.join('\n'));
  expect(computed() - start).toBeLessThan(1000);
  expect(values.params).toEqual({});
  expect(values.problems).toHaveLength(1);
});

test.each([
  ['flow lists', `a: ${'['.repeat(100_000)}`],
  ['block lists', `${'- '.repeat(100_000)}x`],
  ['block maps', Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}k:`).join('\n')],
  ['keys', '? '.repeat(100_000)],
  ['keys and lists', '? - '.repeat(60_000)],
  ['keys a line', Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}?`).join('\n')],
  ['quoted text', `a: "${'['.repeat(200_000)}"`],
])('YAML nested deeply in %s is refused fast', (_what, text) => {
  const start = computed();
  readText('params.yaml', text);
  expect(computed() - start).toBeLessThan(5000);
});

test.each([
  ['keys', Array.from({ length: 30_000 }, (_, at) => `k${at}: 1`).join('\n')],
  ['merges', `a: &a {x: 1}\n${Array.from({ length: 10_000 }, (_, at) => `k${at}: {<<: *a}`).join('\n')}`],
  ['anchors', Array.from({ length: 15_000 }, (_, at) => `k${at}: &a${at} 1`).join('\n')],
  ['tags', Array.from({ length: 10_000 }, (_, at) => `k${at}: !t${at} 1`).join('\n')],
  ['broken lines', ': {]} "\n'.repeat(30_000)],
])('YAML of many %s is read fast', (_what, text) => {
  const start = computed();
  readText('params.yaml', text);
  expect(computed() - start).toBeLessThan(5000);
});

test.each([
  ['lists', `a = ${'['.repeat(100_000)}`],
  ['tables', `a = ${'{b='.repeat(50_000)}`],
  ['dotted keys', `${'a.'.repeat(50_000)}a = 1`],
  ['headers', `[${'a.'.repeat(50_000)}a]`],
  ['many keys', Array.from({ length: 20_000 }, (_, at) => `k${at} = 1`).join('\n')],
  ['many tables', Array.from({ length: 15_000 }, (_, at) => `[[t${at}]]`).join('\n')],
])('TOML of %s is read fast', (_what, text) => {
  const start = computed();
  expect(readText('params.toml', text).problems.length).toBeLessThanOrEqual(20);
  expect(computed() - start).toBeLessThan(5000);
});

test('a journal of many trials that never end is read fast', () => {
  const lines = ['{"op_code":0,"study_name":"__proto__","directions":[1]}'];
  for (let at = 0; at < 60_000; at++)
    lines.push(
      '{"op_code":4,"study_id":0}',
      `{"op_code":5,"trial_id":${at},"param_name":"__proto__","param_value_internal":1}`,
    );
  const start = computed();
  const values = readText('journal.log', `${lines.join('\n')}\n`);
  expect([values.metrics, values.problems]).toEqual([{}, []]);
  expect(computed() - start).toBeLessThan(5000);
});

test('names that every object has are only names', () => {
  const before = Object.keys(Object.prototype);
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const object = `{${names.map((name) => `"${name}": 0.5`).join()}}`;
  expect(Object.entries(readText('metrics.json', object).metrics)).toEqual(names.map((name) => [name, 0.5]));
  expect(Object.keys(readText('metrics.jsonl', `${object}\n`).series)).toEqual(names);
  expect(Object.keys(readText('metrics.csv', `step,${names.join()}\n1,1,2,3,4\n`).series)).toEqual(names);
  expect(Object.keys(readText('params.json', `{"__proto__": {"polluted": 1}, "lr": 1}`).params)).toEqual(['lr']);
  expect(Object.keys(readText('params.yaml', '__proto__: {polluted: 1}\nlr: 1\n').params)).toEqual(['lr']);
  expect(Object.keys(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('NaN and infinities are kept as Python writes them', () => {
  const text = '{"a": NaN, "b": Infinity, "c": -Infinity, "note": "NaN \\" Infinity", "losses": [1, NaN]}';
  const values = readText('metrics.json', text);
  expect(values.metrics).toEqual({ a: NaN, b: Infinity, c: -Infinity });
  expect(values.series['losses']?.[1]).toEqual([1, null, NaN]);
  expect(readText('metrics.csv', 'step,loss\n1,nan\n2,-inf\n').series['loss']).toEqual([
    [1, null, NaN],
    [2, null, -Infinity],
  ]);
});

test('a bad line of a JSON log is noted by its number and the next is read', () => {
  const values = readText('metrics.jsonl', '{"step":1,"loss":1}\nnonsense\n[1]\n{"step":2,"loss":0.5}\n{"step":3,"lo');
  expect(values.series['loss']).toHaveLength(2);
  expect(values.problems).toEqual(['line 2 is not a JSON object; skipped', 'line 3 is not a JSON object; skipped']);
});

test('a line longer than a block is passed over', () => {
  const values = readText('metrics.jsonl', `{"x":"${'y'.repeat(3_000_000)}"}\n{"step":2,"loss":0.5}\n`);
  expect(values.series['loss']).toEqual([[2, null, 0.5]]);
  expect(values.problems).toEqual(['line 1 is too long; skipped']);
});

const events = 'pytorch/digits-mlp-a/runs/exp1/events.out.tfevents.1795250393.vm.25533.0';

test('a record of an event file that is damaged is skipped and noted', () => {
  const bytes = sampleBytes(events).slice();
  const header = new DataView(bytes.buffer).getUint32(0, true) + 16;
  bytes[header + 12 + 5] = (bytes[header + 12 + 5] ?? 0) ^ 255;
  const values = readBytes(events, bytes);
  expect(values.problems).toEqual([`the record at byte ${header} does not match its checksum; skipped`]);
  const points = Object.values(values.series).reduce((sum, series) => sum + series.length, 0);
  expect(points).toBe(199);
});

test('an event file whose lengths are damaged is read up to there, and that is noted once', () => {
  const bytes = sampleBytes(events).slice();
  bytes[20_000] = (bytes[20_000] ?? 0) ^ 255;
  bytes.fill(255, 20_000, 30_000);
  const reader = runLogReaders.find(({ name }) => name === 'tfevents');
  const first = reader?.read(events, sourceOf(bytes));
  expect(first?.values.problems.at(-1)).toMatch(/nothing after it can be read/);
  expect(Object.values(first?.values.series ?? {})[0]?.length).toBeGreaterThan(5);
  expect(reader?.read(events, sourceOf(bytes), first?.resume).values.problems).toEqual([]);
});

test('files above the limit are noted and not read', () => {
  const huge = {
    size: 1e12,
    read: (_offset: number, length: number) => (length > 4 ? expect.fail('it was read') : new Uint8Array(length)),
  };
  for (const name of ['params.json', 'params.yaml', 'trainer_state.json', 'run.json', 'params.toml']) {
    const reader = runLogReaders.find((candidate) => candidate.canRead(name));
    expect(reader?.read(name, huge).values.problems).toHaveLength(1);
  }
});
