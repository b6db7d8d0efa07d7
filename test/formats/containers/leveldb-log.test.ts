import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLog } from '../../../daemon/formats/containers/leveldb-log.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { samples } from '../../support/daemon.ts';

const BLOCK = 32_768;
const sample = readFileSync(join(samples, 'wandb/wandb/offline-run-20261121_090726-4n3lea50/run-4n3lea50.wandb'));

function part(type: number, content: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(6), Buffer.from([type]), content]);
  bytes.writeUInt16LE(content.length, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(6)), 0);
  return bytes;
}

function read(bytes: Buffer, offset = 0): string[] {
  return [...readLog(sourceOf(bytes), offset)].map((logged) =>
    logged.kind === 'bad' ? `bad ${logged.at}-${logged.end}` : `${logged.to - logged.from} bytes`,
  );
}

test('all records of a real log hold, and its last ends with the file', () => {
  const logged = [...readLog(sourceOf(sample), 7)];
  expect(logged.map(({ kind }) => kind)).toEqual(Array(101).fill('record'));
  expect(logged.at(-1)?.end).toBe(sample.length);
});

test('a torn tail is no record, wherever it is torn', () => {
  const ends = new Set([...readLog(sourceOf(sample), 7)].map(({ end }) => end));
  for (let size = sample.length - 400; size < sample.length; size++) {
    const last = [...readLog(sourceOf(sample.subarray(0, size)), 7)].at(-1);
    expect(last?.kind === 'record' && ends.has(last.end) && last.end <= size).toBe(true);
  }
});

test('parts that do not follow each other are bad, and what follows them is read', () => {
  const one = Buffer.from('one');
  expect(read(Buffer.concat([part(2, one), part(1, one)]))).toEqual(['bad 0-10', '3 bytes']);
  expect(read(Buffer.concat([part(3, one), part(4, one), part(1, one)]))).toEqual(['bad 0-10', 'bad 10-20', '3 bytes']);
  expect(read(Buffer.concat([part(2, one), part(2, one), part(4, one)]))).toEqual(['bad 0-10', '6 bytes']);
  expect(read(Buffer.concat([part(9, one), part(1, one)]))).toEqual(['bad 0-10', '3 bytes']);
});

test('a length that leaves its block loses the rest of the block only', () => {
  const wrong = part(1, Buffer.from('one'));
  wrong.writeUInt16LE(65_000, 4);
  expect(read(wrong)).toEqual([]);
  const block = Buffer.concat([wrong, Buffer.alloc(BLOCK - wrong.length, 1)]);
  expect(read(Buffer.concat([block, part(1, Buffer.from('two!'))]))).toEqual([`bad 0-${BLOCK}`, '4 bytes']);
});

test('a record above 32 MiB is passed over, and the next is read', () => {
  const piece = Buffer.alloc(BLOCK - 7);
  const middle = Array<Buffer>(1100).fill(part(3, piece));
  const bytes = Buffer.concat([part(2, piece), ...middle, part(4, piece), part(1, Buffer.from('end'))]);
  expect(read(bytes)).toEqual([`bad 0-${BLOCK * 1102}`, '3 bytes']);
});

test('any bytes are read to an end, each place once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(500), (bytes, offset) => {
      let at = offset;
      for (const { end } of readLog(sourceOf(bytes), offset)) {
        expect(end).toBeGreaterThan(at);
        at = end;
      }
    }),
  );
});
