import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { beginsLikeZip, openEntry, readEntry, readZip } from '../../../daemon/formats/containers/zip.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';

/** One entry of an archive, with sizes that may be false. */
interface Lie {
  name: string;
  content: Uint8Array;
  method?: number;
  size?: number;
  headerOffset?: number;
}

function zipOf(entries: Lie[], count = entries.length): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, method = 0, size = content.length, headerOffset = at } of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(content.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(headerOffset, 42);
    parts.push(local, Buffer.from(name), Buffer.from(content));
    directory.push(central, Buffer.from(name));
    at += 30 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

function kindOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof FormatError ? error.kind : 'another error';
  }
}

const text = new TextEncoder();

test('the entries of a torch archive are listed with their sizes', () => {
  const entries = readZip(sourceOf(bytesOf('pytorch/digits-mlp-a/model.pt')));
  const weights = entries.find((entry) => entry.name.endsWith('data/0'));
  expect(weights).toMatchObject({ method: 0, size: 4096, compressedSize: 4096 });
});

test('a stored and a deflated entry are read to the same bytes', () => {
  const content = text.encode('{"val_acc": 0.9}'.repeat(20));
  const archive = sourceOf(
    zipOf([
      { name: 'a', content },
      { name: 'b', content: new Uint8Array(deflateRawSync(content)), method: 8, size: content.length },
    ]),
  );
  const [stored, deflated] = readZip(archive).map((entry) => readEntry(archive, entry, 1000));
  expect(stored).toEqual(content);
  expect(new Uint8Array(deflated as Uint8Array)).toEqual(content);
});

test('a stored entry opens as a window without being read', () => {
  const source = sourceOf(bytesOf('pytorch/digits-mlp-a/model.pt'));
  const entry = readZip(source).find(({ name }) => name.endsWith('/version'));
  const opened = openEntry(source, entry as NonNullable<typeof entry>, 0);
  expect(new TextDecoder().decode(opened.read(0, 99))).toBe('3\n');
});

test('an archive without its directory is truncated', () => {
  const whole = bytesOf('pytorch/exports/model_scripted.pt');
  for (const cut of [1, 21, 100, Math.floor(whole.length / 2), whole.length - 4]) {
    expect(kindOf(() => readZip(sourceOf(whole.subarray(0, whole.length - cut))))).toBe('truncated');
  }
  expect(kindOf(() => readZip(sourceOf(whole.subarray(0, 2))))).toBe('truncated');
});

test('an archive that ends where one stored inside of it ends is truncated', () => {
  const inner = zipOf([{ name: 'inner', content: text.encode('x') }]);
  const outer = zipOf([
    { name: 'model.pt', content: inner },
    { name: 'later', content: text.encode('y') },
  ]);
  const cut = outer.subarray(0, 30 + 'model.pt'.length + inner.length);
  expect(kindOf(() => readZip(sourceOf(cut)))).toBe('truncated');
});

test('other bytes are no archive', () => {
  expect(kindOf(() => readZip(sourceOf(text.encode('not a zip at all'))))).toBe('malformed');
  expect(beginsLikeZip(sourceOf(text.encode('PK')))).toBe(false);
});

test('entries that lie outside of the file are refused', () => {
  const content = text.encode('x');
  expect(kindOf(() => readZip(sourceOf(zipOf([{ name: 'a', content, headerOffset: 4_000_000 }]))))).toBe('malformed');
  expect(kindOf(() => readZip(sourceOf(zipOf([{ name: 'a', content }], 60_000))))).toBe('malformed');
});

test('an entry larger than asked for is refused before it is inflated', () => {
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(20_000_000)));
  const honest = sourceOf(zipOf([{ name: 'a', content: bomb, method: 8, size: 20_000_000 }]));
  const lying = sourceOf(zipOf([{ name: 'a', content: bomb, method: 8, size: 10 }]));
  expect(kindOf(() => readEntry(honest, readZip(honest)[0] as never, 1_000_000))).toBe('unsupported');
  expect(kindOf(() => readEntry(lying, readZip(lying)[0] as never, 1_000_000))).toBe('malformed');
});
