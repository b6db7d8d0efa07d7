import { expect, test } from 'vitest';
import { DecimalReader } from '../../../daemon/formats/pickle/decimal.ts';
import { readSeriesJson } from '../../../daemon/formats/text/series-json.ts';

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test('decimal numbers are read as Number reads them, whatever their digits and powers', () => {
  const made = Array.from({ length: 20_000 }, (_, index) => (Math.random() - 0.5) * 10 ** ((index % 60) - 30));
  const known = [0, -0.5, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 123456789012345680, 0.1, 1764108000000.123];
  for (const value of [...made, ...known]) {
    const text = JSON.stringify(value);
    const reader = new DecimalReader(Buffer.from(`${text},`));
    expect([text, reader.read(0), reader.value]).toEqual([text, text.length, value]);
  }
});

test('series are found behind any other words, and what has no value is a gap', () => {
  const evidence = {
    source: 'a"]}\\.csv',
    metrics: { more: 1 },
    params: { more: { series: { no: [[1, 2, 3]] } }, list: [['}', { x: '"' }]] },
    more: {
      best: { loss: { value: 1 } },
      series: { 'l"oss': [[1, null, 0.5], [2, 1764108000000, Number.NaN]], empty: [], __proto__x: [[0, 0, -1e-9]] },
    },
  }; // prettier-ignore
  const found = readSeriesJson(bytesOf(evidence));
  expect([...found.keys()]).toEqual(['l"oss', 'empty', '__proto__x']);
  expect([...found.get('l"oss')!]).toEqual([1, NaN, 0.5, 2, 1764108000000, NaN]);
  expect(found.get('empty')).toHaveLength(0);
});

test('texts that are no evidence have no series, and a cut one does no harm', () => {
  const whole = bytesOf({ source: 'x', more: { series: { loss: [[1, 2, 3]], acc: [[1, 2, 3]] } } });
  for (let end = 0; end < whole.length; end += 1) {
    const names = [...readSeriesJson(whole.subarray(0, end)).keys()];
    expect(['loss', 'acc']).toEqual(expect.arrayContaining(names));
  }
  for (const text of [
    '',
    '[]',
    '{}',
    'null',
    '# A card',
    '{"more":null}',
    '{"more":{"series":[1]}}',
    '{"more":{"series":{"a":[[1,2]]}}}',
  ])
    expect(readSeriesJson(Buffer.from(text)).size).toBe(0);
});
