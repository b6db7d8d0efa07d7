import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { crc32c, maskedCrc32c } from '../../../daemon/formats/containers/crc32c.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { readEvent, readRecords } from '../../../daemon/formats/tensorflow/tfevents.ts';
import { ByteWindow } from '../../../daemon/formats/window.ts';
import { tfevents } from '../../../daemon/ingest/run-logs/readers/tfevents.ts';
import type { Point, Resume } from '../../../daemon/ingest/run-logs/types.ts';

function framed(data: Uint8Array): Buffer {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record, 0, 8), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

/** wall_time, step and one value `a` by simple_value. */
function scalar(step: number, value: number): Buffer {
  const event = Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 42, 10, 10, 8, 10, 1, 97, 21, 0, 0, 0, 0]);
  event.writeDoubleLE(1795250413.5, 1);
  event[10] = 128 | (step & 127);
  event[11] = 128 | ((step >> 7) & 127);
  event[12] = step >> 14;
  event.writeFloatLE(value, 21);
  return event;
}

test('the checksum is CRC-32C, whatever the length and place', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283);
});

test('100 MB of events are read within two seconds', () => {
  const block = Buffer.concat(Array.from({ length: 1000 }, (_, at) => framed(scalar(at, at / 7))));
  const picture = framed(
    Buffer.concat([Buffer.from([42, 128, 128, 128, 1, 10, 252, 255, 127]), Buffer.alloc(2 ** 21 - 4)]),
  );
  const bytes = Buffer.concat([...Array<Buffer>(200).fill(block), ...Array<Buffer>(44).fill(picture)]);
  expect(bytes.length).toBeGreaterThan(100e6);
  const start = computed();
  const points: Point[] = [];
  let resume: Resume | undefined;
  do {
    const read = tfevents.read('events.out.tfevents.1', sourceOf(bytes), resume);
    resume = read.resume;
    points.push(...(read.values.series['a'] ?? []));
  } while (resume.offset < bytes.length);
  expect(computed() - start).toBeLessThan(2000);
  expect(points).toHaveLength(200_000);
  expect(points[999]).toEqual([999, 1795250413500, Math.fround(999 / 7)]);
});

test('a record larger than a block is read, and one that is torn is left', () => {
  const large = framed(Buffer.alloc(9_000_000, 8));
  const bytes = Buffer.concat([framed(scalar(1, 1)), large, framed(scalar(2, 2)).subarray(0, 30)]);
  const frames = [...readRecords(sourceOf(bytes), 0)];
  expect(frames.map(({ kind }) => kind)).toEqual(['record', 'record']);
  expect(frames[1]).toMatchObject({ from: 0, to: 9_000_000, end: bytes.length - 30 });
});

test('a length beyond the file, however absurd, is a torn record', () => {
  const header = Buffer.alloc(40);
  header.writeBigUInt64LE(2n ** 63n, 0);
  header.writeUInt32LE(maskedCrc32c(header, 0, 8), 8);
  expect([...readRecords(sourceOf(header), 0)]).toEqual([]);
});

test('a negative step stays negative', () => {
  const event = Buffer.from([16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
  expect(readEvent(ByteWindow.over(event), 0, event.length).step).toBe(-1);
});
