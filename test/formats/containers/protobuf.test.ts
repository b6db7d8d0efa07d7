import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walkMessage } from '../../../daemon/formats/containers/protobuf.ts';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { ByteWindow } from '../../../daemon/formats/window.ts';

function fieldsOf(bytes: number[], windowBytes = 8): [number, number, number, number][] {
  const fields: [number, number, number, number][] = [];
  const window = new ByteWindow(sourceOf(new Uint8Array(bytes)), windowBytes);
  walkMessage(window, 0, bytes.length, (...field) => void fields.push(field));
  return fields;
}

test('fields of every wire type are walked, however small the window', () => {
  const message = [8, 150, 1, 18, 3, 7, 7, 7, 29, 1, 2, 3, 4, 33, 1, 2, 3, 4, 5, 6, 7, 8];
  const expected = [
    [1, 0, 150, 3],
    [2, 2, 5, 8],
    [3, 5, 9, 13],
    [4, 1, 14, 22],
  ];
  expect(fieldsOf(message)).toEqual(expected);
  expect(fieldsOf(message, 1000)).toEqual(expected);
});

test.each([
  ['a field past the end of the file', [18, 200, 1], 'truncated'],
  ['a number that is cut', [8, 128], 'truncated'],
  ['a number of eleven bytes', [8, ...Array<number>(10).fill(255), 1], 'malformed'],
  ['a field number of 0', [0, 1], 'malformed'],
  ['a group', [11, 12], 'malformed'],
])('%s is refused', (_what, bytes, kind) => {
  expect(() => fieldsOf(bytes)).toThrow(expect.objectContaining({ kind }));
});

test('a field past its message but not past the file is malformed', () => {
  const window = ByteWindow.over(new Uint8Array([18, 5, 1, 1, 1, 1, 1]));
  expect(() => walkMessage(window, 0, 4, () => undefined)).toThrow(expect.objectContaining({ kind: 'malformed' }));
});

test('any bytes are walked to their end or refused with a FormatError', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 50 }), (bytes) => {
      try {
        for (const [, wire, , end] of fieldsOf(bytes)) if (wire !== 0) expect(end).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 2000 },
  );
});
