import { maskedCrc32c } from '../containers/crc32c.ts';
import { walkMessage } from '../containers/protobuf.ts';
import type { Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

const blockBytes = 4 * 1024 * 1024;
/** Larger records are pictures, audio or graphs, and are skipped unread. */
const maxRecord = 32 * 1024 * 1024;
const header = 12;
const footerBytes = 4;

/** One item of the file. `end` is the offset after it. A record's content is `bytes[from, to)`. */
export type Framed =
  | { kind: 'record'; bytes: Uint8Array; from: number; to: number; end: number }
  | { kind: 'bad record'; at: number; end: number }
  /** The length itself is wrong, so nothing after it can be found. */
  | { kind: 'lost'; at: number };

/**
 * Yields the records of a TFRecord file from `offset`, each checked by its CRC. An incomplete record at the end is left out.
 * Source: tensorflow/core/lib/io/record_writer: uint64 length (LE), masked CRC-32C of it, data, masked CRC-32C of data.
 */
export function* readRecords(source: Source, offset: number): Generator<Framed> {
  let at = offset;
  while (at + header + footerBytes <= source.size) {
    const bytes = source.read(at, blockBytes);
    const end = yield* framesOf(bytes, at);
    if (end === undefined) return;
    if (end > at) {
      at = end;
      continue;
    }
    const large = largeFrame(source, bytes, at);
    if (!large) return;
    if (large.kind === 'record' && large.bytes.length > 0) yield large;
    at = large.end;
  }
}

/** Yields the records that are complete within the block. Returns the offset of the next; undefined when that is lost. */
function* framesOf(bytes: Uint8Array, base: number): Generator<Framed, number | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  while (from + header <= bytes.length) {
    if (view.getUint32(from + 8, true) !== maskedCrc32c(bytes, from, from + 8)) {
      yield { kind: 'lost', at: base + from };
      return undefined;
    }
    const data = from + header;
    const to = data + view.getUint32(from, true) + view.getUint32(from + 4, true) * 2 ** 32;
    if (to + footerBytes > bytes.length) break;
    const end = base + to + footerBytes;
    const holds = view.getUint32(to, true) === maskedCrc32c(bytes, data, to);
    yield holds ? { kind: 'record', bytes, from: data, to, end } : { kind: 'bad record', at: base + from, end };
    from = to + footerBytes;
  }
  return base + from;
}

/**
 * Reads a record larger than a block, whose length has been checked; undefined while it is incomplete. A record above the limit
 * comes without content.
 */
function largeFrame(source: Source, head: Uint8Array, at: number): Exclude<Framed, { kind: 'lost' }> | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const end = at + header + length + footerBytes;
  if (!(end <= source.size)) return undefined;
  if (length > maxRecord) return { kind: 'record', bytes: new Uint8Array(0), from: 0, to: 0, end };
  const bytes = source.read(at + header, length + footerBytes);
  if (bytes.length < length + footerBytes) return undefined;
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(length, true);
  if (stored !== maskedCrc32c(bytes, 0, length)) return { kind: 'bad record', at, end };
  return { kind: 'record', bytes, from: 0, to: length, end };
}

/** One value of a Summary. `value` is undefined when it is not a scalar. */
export interface SummaryValue {
  tag: string;
  value: number | undefined;
  /** True when `simple_value` holds it, not a tensor. */
  simple: boolean;
  /** Name of the plugin; only a tag's first record has it. */
  plugin: string | undefined;
  /** The plugin's own content, `[start, end)`. */
  content: [number, number] | undefined;
}

export interface Event {
  /** Seconds since 1970 by the writer's clock. */
  wallTime: number;
  step: number;
  values: SummaryValue[];
}

/**
 * Reads one tensorboard Event in `window[start, end)`. Source: tensorflow/core/util/event.proto, summary.proto, tensor.proto.
 * Throws FormatError when it is not such a message.
 */
export function readEvent(window: ByteWindow, start: number, end: number): Event {
  const event: Event = { wallTime: 0, step: 0, values: [] };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 1) event.wallTime = window.float64(from, true);
    else if (field === 2 && wire === 0) event.step = from;
    else if (field === 5 && wire === 2) readSummary(window, from, to, event.values);
  });
  return event;
}

function readSummary(window: ByteWindow, start: number, end: number, into: SummaryValue[]): void {
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) into.push(readValue(window, from, to));
  });
}

function readValue(window: ByteWindow, start: number, end: number): SummaryValue {
  const value: SummaryValue = { tag: '', value: undefined, simple: false, plugin: undefined, content: undefined };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) value.tag = window.text(from, to - from);
    else if (field === 2 && wire === 5) {
      value.value = window.float32(from, true);
      value.simple = true;
    } else if (field === 8 && wire === 2) value.value ??= scalarOf(window, from, to);
    else if (field === 9 && wire === 2) readMetadata(window, from, to, value);
  });
  return value;
}

function readMetadata(window: ByteWindow, start: number, end: number, into: SummaryValue): void {
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field !== 1 || wire !== 2) return;
    walkMessage(window, from, to, (inner, innerWire, innerFrom, innerTo) => {
      if (inner === 1 && innerWire === 2) into.plugin = window.text(innerFrom, innerTo - innerFrom);
      else if (inner === 2 && innerWire === 2) into.content = [innerFrom, innerTo];
    });
  });
}

/** Returns the number of a tensor with one element of float32, float64, int32 or int64; undefined for any other. */
function scalarOf(window: ByteWindow, start: number, end: number): number | undefined {
  let dtype = 0;
  let content: [number, number] | undefined;
  let typed: number | undefined;
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 0) dtype = from;
    else if (field === 4 && wire === 2) content = [from, to];
    else if (field === 5 && to - from === 4) typed = window.float32(from, true);
    else if (field === 6 && to - from === 8) typed = window.float64(from, true);
    else if ((field === 7 || field === 10) && wire === 0) typed = from;
    else if ((field === 7 || field === 10) && wire === 2) typed = packedScalar(window, from, to);
  });
  if (!content) return dtype === 1 || dtype === 2 || dtype === 3 || dtype === 9 ? typed : undefined;
  return numberAt(window, dtype, content[0], content[1] - content[0]);
}

function numberAt(window: ByteWindow, dtype: number, at: number, length: number): number | undefined {
  if (dtype === 1 && length === 4) return window.float32(at, true);
  if (dtype === 2 && length === 8) return window.float64(at, true);
  if (dtype === 3 && length === 4) return window.int32(at, true);
  return dtype === 9 && length === 8 ? window.int64(at, true) : undefined;
}

/** Reads a packed list of one small varint. Its bytes are those of a message's field value. */
function packedScalar(window: ByteWindow, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) value += (window.byte(at) & 127) * 128 ** (at - start);
  return end - start <= 5 && window.byte(end - 1) < 128 ? value : undefined;
}
