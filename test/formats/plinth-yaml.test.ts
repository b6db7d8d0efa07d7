import { expect, test } from 'vitest';
import { readPlinthFile } from '../../daemon/formats/plinth-yaml.ts';

function problems(text: string): string[] {
  return readPlinthFile(text).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

test('an empty file says every default', () => {
  expect(readPlinthFile('')).toEqual({ file: { watch: [], metrics: {}, models: [] }, problems: [] });
  expect(readPlinthFile('watch:\n  - path: runs/{model}\n').file.watch).toEqual([
    { path: 'runs/{model}', register: 'final', metric: null, include: [], ignore: [] },
  ]);
});

test('a mistake is told with its line, its column, and what may stand there', () => {
  expect(problems('watch:\n  - path: runs\n    register: always\n')).toEqual([
    '3:15: watch[0].register: it must be one of final, best, every, manual, not "always"',
  ]);
  expect(problems('metrics:\n  auc: up\nwach: []\n')).toEqual([
    '2:8: metrics.auc: it must be one of higher, lower, not "up"',
    '3:7: has no key "wach"; it may have watch, metrics, models',
  ]);
  expect(problems('watch:\n  - path: "{modl}"\n')).toEqual(['2:11: watch[0].path knows {model} and {run}, not {modl}']);
  expect(problems('watch:\n  - path: ../x\n    register: best\n')).toHaveLength(2);
  expect(problems('a: [1\nb: 2')[0]).toMatch(/^\d+:\d+: this is no YAML/);
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
  const began = performance.now();
  expect(readPlinthFile(text).problems.length).toBeGreaterThan(0);
  expect(performance.now() - began).toBeLessThan(2000);
});
