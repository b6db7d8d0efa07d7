import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineCounter, isNode, parseDocument, stringify } from 'yaml';
import { readYaml } from '../../daemon/policy/yaml-text.ts';
import { maxPlinthFileBytes, readPlinthFile } from '../../daemon/policy/parse.ts';

type Path = (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...inner].flatMap(([key, part]) => pathsIn(part, [...path, key]))];
}

/** Returns the position at which another YAML reader sees a value begin. */
function placeByAnother(text: string, path: Path): string | undefined {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node) || !node.range) return undefined;
  const { line, col } = counter.linePos(node.range[0]);
  return `${line}:${col}`;
}

const scalar = fc.oneof(
  fc.stringMatching(/^[\w @*.:#-]{1,12}$/),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constantFrom(
    'yes',
    'no',
    '0x1F',
    '0o17',
    '1e3',
    '.5',
    '~',
    'null',
    '2026-11-01',
    '<<',
    '1_000',
    '日本',
    '"',
    "it's",
  ),
);
const key = fc.stringMatching(/^[a-z@*][\w-]{0,8}$/).filter((one) => one !== '<<');
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('values, and where they stand, are what another reader of YAML 1.2 sees', () => {
  const shape = { collectionStyle: fc.constantFrom('any', 'flow', 'block'), indent: fc.constantFrom(2, 4) } as const;
  fc.assert(
    fc.property(tree, fc.record(shape), (value, form) => {
      const text = stringify(value, { ...form, lineWidth: 0, blockQuote: false });
      const read = readYaml(text);
      if ('reason' in read) throw new Error(`${read.reason} in ${text}`);
      expect(read.value).toEqual(parseDocument(text).toJS());
      for (const path of pathsIn(read.value)) {
        const { line, column } = read.placeOf(path);
        expect(`${path.join('.')} ${line}:${column}`).toBe(`${path.join('.')} ${placeByAnother(text, path)}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever a text holds, reading it throws nothing', () => {
  const part = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&x ',
    '*x',
    '|\n',
    '? ',
    '!t ',
    '#',
    '%',
    '\t',
    '---\n',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const read = readYaml(parts.join(''));
      const place = 'reason' in read ? read : read.placeOf(['a', 0]);
      expect(place.line).toBeGreaterThan(0);
      expect(place.column).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [
    'an alias that doubles forty times',
    `a0: &a0 [x]\n${Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]\n`).join('')}`,
    'expand to too much text',
  ],
  ['a list that holds itself', 'a: &a [*a]', 'expand to too much text'],
  ['a second document', 'a: 1\n---\nb: 2\n', 'more than one document'],
  ['lists without end', '['.repeat(100_000), 'nesting'],
])('%s is one mistake with a place', (_what, text, reason) => {
  const read = readYaml(text);
  expect('reason' in read && read.reason).toContain(reason);
});

test('a few aliases in a long file stand for what they name', () => {
  const lines = Array.from({ length: 12_000 }, (_, n) => `k${n}: ${n}\n`).join('');
  const read = readYaml(`a: &a [1, 2]\nb: *a\n${lines}`);
  expect(read).toMatchObject({ value: { a: [1, 2], b: [1, 2], k11999: 11_999 } });
});

test('a file of 245 KB is read in a moment of the event loop', () => {
  let text = 'models:\n';
  for (let model = 0; model < 100; model += 1) {
    const gates = Array.from(
      { length: 35 },
      (_, n) => `        - gate: metric\n          metric: m${n}\n          at_least: 0.${n}\n`,
    );
    text += `  - match: model-${model}\n    gates:\n      production:\n${gates.join('')}`;
  }
  expect(text.length).toBeGreaterThan(245_000);
  expect(text.length).toBeLessThan(maxPlinthFileBytes);
  readPlinthFile(`${text}# once to have its code compiled\n`);
  const before = process.threadCpuUsage();
  expect(readPlinthFile(text).problems).toEqual([]);
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(100);
});
