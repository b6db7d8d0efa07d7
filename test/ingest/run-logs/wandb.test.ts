import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { expectedArtifact, valuesOf, readBytes, readerOf, sampleBytes } from './sample.ts';

const path = 'wandb/wandb/offline-run-20261121_090726-4n3lea50/run-4n3lea50.wandb';
const header = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]);

/** Returns a field of a message with its content. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function items(values: Record<string, string>): Buffer {
  const all = Object.entries(values).map(([name, json]) => field(1, Buffer.concat([field(2, name), field(16, json)])));
  return Buffer.concat(all);
}

const history = (values: Record<string, string>): Buffer => field(2, items(values));
const summary = (values: Record<string, string>): Buffer => field(3, items(values));
const config = (values: Record<string, string>): Buffer => field(5, items(values));
const exit = (code: number): Buffer => field(18, Buffer.concat([Buffer.from([8]), varint(code)]));

/** Returns the records as parts of a LevelDB log. */
function log(...records: Buffer[]): Buffer {
  let file = header;
  for (const record of records) {
    for (let from = 0, first = true; first || from < record.length; first = false) {
      const room = 32_768 - (file.length % 32_768);
      if (room < 7) file = Buffer.concat([file, Buffer.alloc(room)]);
      const space = (room < 7 ? 32_768 : room) - 7;
      const piece = record.subarray(from, from + space);
      const ends = from + piece.length >= record.length;
      const head = Buffer.alloc(7);
      head[6] = first ? (ends ? 1 : 2) : ends ? 4 : 3;
      head.writeUInt16LE(piece.length, 4);
      head.writeUInt32LE(crc32(Buffer.concat([head.subarray(6), piece])), 0);
      file = Buffer.concat([file, head, piece]);
      from += piece.length;
    }
  }
  return file;
}

test('a run has its history as series, its config, what was set as its summary, and how it ended', () => {
  const values = valuesOf(path);
  const { final } = expectedArtifact('wandb', 'run').metrics;
  const ends = Object.entries(values.series).map(([name, points]) => [name, points.at(-1)?.[2]]);
  expect(Object.fromEntries(ends)).toEqual(final);
  expect(Object.values(values.series).map((points) => points.length)).toEqual([30, 30]);
  expect(values.series['loss']?.[29]).toEqual([29, 1_795_252_047_615, expect.closeTo(1 / 30, 6)]);
  expect(values.params).toEqual({ lr: 0.01, layers: 2 });
  expect(values.metrics).toEqual({ best_acc: final['val/acc'] });
  expect([values.status, values.problems]).toEqual(['finished', []]);
  expect(readerOf(path).marksRun).toBe(true);
});

test('every part of the log that is read before the exit says that the run goes on', () => {
  const bytes = sampleBytes(path);
  expect(readBytes(path, bytes.subarray(0, 6000)).status).toBe('running');
  expect(readBytes(path, bytes.subarray(0, 6000)).problems).toEqual([]);
  expect(readBytes(path, bytes.subarray(0, 3))).toMatchObject({ status: null, problems: [] });
});

test('an exit code other than 0 is a failure', () => {
  expect(readBytes('run-a.wandb', log(exit(1))).status).toBe('failed');
  expect(readBytes('run-a.wandb', log(exit(0))).status).toBe('finished');
});

test('records in several parts, and those that end just before a block does, are read', () => {
  for (let size = 32_700; size < 32_770; size++) {
    const file = log(config({ text: JSON.stringify('x'.repeat(size)) }), history({ _step: '1', loss: '0.5' }));
    const values = readBytes('run-a.wandb', file);
    expect([size, values.series['loss'], values.problems]).toEqual([size, [[1, null, 0.5]], []]);
  }
  const long = config({ text: JSON.stringify('y'.repeat(200_000)) });
  expect(readBytes('run-a.wandb', log(long, history({ loss: '1' }))).params['text']).toHaveLength(200_000);
});

test('a damaged record is skipped and noted, and the next is read', () => {
  const file = log(history({ _step: '0', loss: '1' }), history({ _step: '1', loss: '0.5' }));
  file[header.length + 12] = 255;
  const values = readBytes('run-a.wandb', file);
  expect(values.series['loss']).toEqual([[1, null, 0.5]]);
  expect(values.problems).toEqual([`the record at byte ${header.length} is damaged; skipped`]);
});

test('values that are no numbers are left out, and names are only names', () => {
  const written = {
    _step: '4',
    loss: 'NaN',
    image: '{"_type":"image-file","size":3}',
    '<img src=x>': '1',
    __proto__x: '1',
    constructor: '2',
    nested: '{"a":{"b":3},"__proto__":{"c":4}}',
    text: '"hello"',
    broken: '{"a":',
  };
  const values = readBytes(
    'run-a.wandb',
    log(history(written), config({ constructor: '{"__proto__":{"polluted":1}}' })),
  );
  expect(Object.keys(values.series)).toEqual([
    'loss',
    '<img src=x>',
    'constructor',
    'nested/a/b',
    'nested/__proto__/c',
  ]);
  expect(values.series['loss']).toEqual([[4, null, NaN]]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('what a summary says of a series is left out wherever the log was cut, what a script has set is kept', () => {
  const file = log(summary({ loss: '1', best: '3' }), history({ loss: '1' }), summary({ loss: '2' }), exit(0));
  for (let size = 0; size <= file.length; size++) {
    const reader = readerOf('run-a.wandb');
    const first = reader.read('run-a.wandb', sourceOf(file.subarray(0, size)));
    const stored = JSON.parse(JSON.stringify(first.resume)) as typeof first.resume;
    const second = reader.read('run-a.wandb', sourceOf(file), stored);
    expect({ ...first.values.metrics, ...second.values.metrics }).toEqual({ best: 3 });
    const points = [...(first.values.series['loss'] ?? []), ...(second.values.series['loss'] ?? [])];
    expect(points).toEqual([[null, null, 1]]);
  }
});

test('a file of that name that is no log of W&B is noted, and any bytes after its header are read without an exception', () => {
  expect(readBytes('run-a.wandb', Buffer.from('not a log')).problems).toHaveLength(1);
  expect(readBytes('run-a.wandb', Buffer.from([...header.subarray(0, 6), 9])).problems).toHaveLength(1);
  const junk = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(junk, fc.boolean(), (bytes, framed) => {
      const file = framed ? log(Buffer.from(bytes)) : Buffer.concat([header, bytes]);
      expect(readBytes('run-a.wandb', file).problems.length).toBeLessThanOrEqual(20);
    }),
    { numRuns: 500 },
  );
});

test('a value above 1 MiB is left out without its neighbours, and names are bounded', () => {
  const long = config({ lr: '0.1', text: JSON.stringify('x'.repeat(2 ** 20)) });
  expect(readBytes('run-a.wandb', log(long)).params).toEqual({ lr: 0.1, text: null });
  const many = Array.from({ length: 12 }, (_, at) =>
    config(Object.fromEntries(Array.from({ length: 1000 }, (_unused, n) => [`p${at}_${n}`, '1']))),
  );
  const values = readBytes('run-a.wandb', log(...many));
  expect(Object.keys(values.params)).toHaveLength(10_000);
  expect(values.problems).toHaveLength(1);
});

test('zeros in place of the log are passed over fast', () => {
  const file = Buffer.concat([header, Buffer.alloc(64 * 1024 * 1024)]);
  const start = computed();
  expect(readBytes('run-a.wandb', file).problems).toEqual([]);
  expect(computed() - start).toBeLessThan(2000);
});
