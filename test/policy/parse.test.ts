import { expect, test } from 'vitest';
import { maxPlinthFileBytes, readPlinthFile } from '../../daemon/policy/parse.ts';
import { computed } from '../support/daemon.ts';

function problems(text: string): string[] {
  return readPlinthFile(text).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

test('an empty file says every default', () => {
  expect(readPlinthFile('')).toEqual({ file: { watch: [], metrics: {}, models: [] }, problems: [] });
  expect(readPlinthFile('watch:\n  - path: runs/{model}\n').file.watch).toEqual([
    { path: 'runs/{model}', model: null, register: 'final', metric: null, include: [], ignore: [] },
  ]);
});

test('a mistake is told with its line, its column, and what may stand there', () => {
  expect(problems('watch:\n  - path: runs\n    register: always\n')).toEqual([
    '3:15: watch[0].register: it must be one of final, best, every, manual, not "always"',
  ]);
  expect(problems('metrics:\n  auc: up\nwach: []\n')).toEqual([
    '2:8: metrics.auc: it must be one of higher, lower, not "up"',
    '3:7: has no key "wach"; allowed keys: watch, metrics, models',
  ]);
  expect(problems('watch:\n  - path: "{modl}"\n')).toEqual([
    '2:11: watch[0].path may contain {model} and {run}, but not {modl}',
  ]);
  expect(problems('watch:\n  - path: ../x\n    register: best\n')).toHaveLength(2);
  expect(problems('a: [1\nb: 2')[0]).toMatch(/^\d+:\d+: Invalid YAML/);
});

test('the name that a rule gives, and its path, are told where they do not fit', () => {
  const rule = (path: string, model: string): string[] =>
    problems(`watch:\n  - path: "${path}"\n    model: "${model}"\n`);
  expect(rule('{region}/{run}', 'fraud-{region}')).toEqual([]);
  expect(rule('weights', 'fraud')).toEqual([]);
  expect(rule('{region}', 'fraud')).toEqual(['2:11: watch[0].path may contain {model} and {run}, but not {region}']);
  expect(rule('weights', 'fraud-{region}')).toEqual([
    '3:12: watch[0].model contains {region}, but the path does not; add it to the path',
  ]);
  expect(rule('{a}/{a}', '{a}')).toEqual(['2:11: watch[0].path contains {a} twice']);
  expect(rule('{a b}', '{a b}')).toHaveLength(1);
  expect(rule('{model}/x', 'fraud')[0]).toContain('both name the model');
  expect(rule('x', 'team/fraud')[0]).toContain('"/"');
});

test.each([
  'x: &a [1]\ny: [*a, *a, *b]',
  `a: &a [x]\n${Array.from({ length: 20 }, (_, n) => `b${n}: &b${n} [${n === 0 ? '*a, *a' : `*b${n - 1}, *b${n - 1}`}]`).join('\n')}`,
  '['.repeat(5000),
  '__proto__: {watch: []}',
  '\0\0\0',
  '- - - -',
  'x'.repeat(300 * 1024),
])('nothing that a file holds is more than a problem', (text) => {
  const began = computed();
  expect(readPlinthFile(text).problems.length).toBeGreaterThan(0);
  expect(computed() - began).toBeLessThan(2000);
});

test('a key that stands twice in one mapping is told where it stands again', () => {
  const told = '3:3: Invalid YAML: the key "auc" occurs twice in one mapping';
  expect(problems('metrics:\n  auc: lower\n  auc: higher\n')).toEqual([told]);
  expect(problems('models: [{match: a, gates: {production: [{gate: age, at_most: 1d, gate: age}]}}]')[0]).toContain(
    '"gate"',
  );
  expect(problems('watch:\n  - path: a\n  - path: b\n')).toEqual([]);
});

/** Returns as many lines as a plinth.yaml may have. */
function filled(head: string, line: (index: number) => string): string {
  let text = head;
  for (let index = 0; text.length + line(index).length < maxPlinthFileBytes; index += 1) text += line(index);
  return text;
}

test('a file as large as may be is read in time that grows with its size alone, and once', () => {
  const text = filled('metrics:\n', (index) => `  k${index}: lower\n`);
  const half = text.slice(0, text.lastIndexOf('\n', text.length / 2));
  const began = computed();
  readPlinthFile(half);
  const first = computed();
  const { file, problems: none } = readPlinthFile(text);
  const whole = computed() - first;
  expect(none).toEqual([]);
  expect(Object.keys(file.metrics).length).toBeGreaterThan(4000);
  expect(whole).toBeLessThan(1000 + 4 * (first - began));
  expect(readPlinthFile(`${text}`).file).toBe(file);
});

test.each(['}', '"\n', '@a: b\n', '%x\n', '\t- a\n', '!<\n', '{a,', '- - ', 'a: 1\n'])(
  'a file full of %j is one mistake, told soon',
  (part) => {
    const text = part.repeat(Math.floor(maxPlinthFileBytes / part.length));
    const began = computed();
    expect(readPlinthFile(text).problems).toHaveLength(1);
    expect(computed() - began).toBeLessThan(1500);
  },
);

test('of thousands of mistakes the first hundred are told', () => {
  expect(readPlinthFile(filled('metrics:\n', (index) => `  k${index}: no\n`)).problems).toHaveLength(100);
  expect(readPlinthFile(filled('', (index) => `k${index}: no\n`)).problems).toHaveLength(100);
  expect(problems('x'.repeat(maxPlinthFileBytes + 1))).toEqual(['1:1: The file is larger than 256 KiB']);
});

test('a list of too many entries is told by their number', () => {
  const text = `models:\n${Array.from({ length: 101 }, (_, n) => `  - match: m${n}\n`).join('')}`;
  expect(problems(text)).toEqual(['2:3: models: it must have at most 100 entries, not 101']);
});
