import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { readJsonOutline } from '../../../daemon/formats/text/json-outline.ts';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { readUbjson } from '../../../daemon/formats/boosters/ubjson.ts';

const XGBOOST = new URL('../../fixtures/samples/xgboost/', import.meta.url);
const keepAll = (): boolean => false;

test('the same model as UBJSON and as JSON is the same document', () => {
  const file = (name: string): Uint8Array => readFileSync(new URL(`breast-cancer/run-001/${name}`, XGBOOST));
  const ubjson = readUbjson(sourceOf(file('model.ubj')), keepAll);
  const json = readJsonOutline(sourceOf(file('model.json')), keepAll);
  const rounded = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (_key, entry: unknown) => (typeof entry === 'number' ? Math.fround(entry) : entry)),
    );
  expect(rounded(ubjson)).toEqual(rounded(json));
});

test('an outline is the document, but for the entries that it only counts', () => {
  const documents = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(documents, (document) => {
      const text = JSON.stringify({ kept: document, counted: [document, [1, '],"'], '\\"'] }, undefined, 1);
      const outline = readJsonOutline(sourceOf(Buffer.from(text)), (path) => path.at(-1) === 'counted');
      expect(JSON.parse(JSON.stringify(outline))).toEqual({ ...(JSON.parse(text) as object), counted: 3 });
    }),
  );
});

test.each([
  ['a list of 10^12 entries of no size', '[$Z#L\0\0\0\xe8\xd4\xa5\x10\0'],
  ['a list of 10^12 numbers', '[$d#L\0\0\0\xe8\xd4\xa5\x10\0'],
  ['a negative count', '[#i\xff'],
  ['a string of 10^12 bytes', 'SL\0\0\0\xe8\xd4\xa5\x10\0'],
  ['a million lists in each other', '['.repeat(1_000_000)],
  ['a type without a count', '[$i]'],
  ['nothing', ''],
  ['only no-ops', 'N'.repeat(1_000_000)],
])('%s is refused fast', (_what, latin1) => {
  const start = computed();
  const read = (): unknown => readUbjson(sourceOf(Buffer.from(latin1, 'latin1')), keepAll);
  expect(read).toThrow(FormatError);
  expect(computed() - start).toBeLessThan(500);
});

test('any bytes are read or refused with a FormatError', () => {
  const start = fc.constantFrom('{', '[', '[$', '{"a":', '[#i\x03', '{i\x01a');
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 60 }), (head, rest) => {
      for (const read of [readUbjson, readJsonOutline]) {
        try {
          read(sourceOf(Buffer.concat([Buffer.from(head, 'latin1'), rest])), keepAll);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
