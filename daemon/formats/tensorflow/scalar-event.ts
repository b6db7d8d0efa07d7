/** One value of one metric. A reader returns the same object for every event. `step` is 0 when the event has none. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  wallTime: number;
  step: number;
  tag: string;
  value: number;
}

const maxTag = 127;
const maxTags = 10_000;

/**
 * Makes a reader of the most frequent form of a tensorboard Event, which it recognizes without visiting each field: wall_time,
 * step and a summary of one Value that has a tag and a simple_value, each length in one byte. The reader returns undefined for
 * all other events, which `readEvent` reads. It decodes each tag once. Source: tensorflow/core/util/event.proto, summary.proto.
 */
export function scalarReader(): (bytes: Uint8Array, from: number, to: number) => ScalarEvent | undefined {
  const event: ScalarEvent = { wallTime: 0, step: 0, tag: '', value: 0 };
  const tags = new Map<number, Tag>();
  let known: Uint8Array | undefined;
  let view: DataView = new DataView(new ArrayBuffer(0));
  return (bytes, from, to) => {
    if (bytes !== known) view = new DataView((known = bytes).buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes[from] !== 0x09 || to - from < 20) return undefined;
    let at = from + 9;
    event.step = 0;
    if (bytes[at] === 0x10) {
      let scale = 1;
      let byte = 128;
      for (at++; byte >= 128; at++, scale *= 128) {
        if (scale > 2 ** 42) return undefined;
        byte = bytes[at] ?? 0;
        event.step += (byte & 127) * scale;
      }
    }
    const length = to - at;
    const tagLength = length - 11;
    if (tagLength < 1 || tagLength > maxTag - 9 || !isFramed(bytes, at, length, tagLength)) return undefined;
    event.wallTime = view.getFloat64(from + 1, true);
    event.value = view.getFloat32(to - 4, true);
    event.tag = tagAt(tags, bytes, at + 6, to - 5);
    return event;
  };
}

/** True when Summary, Value, tag and simple_value are each exactly as long as the bytes that are left. */
function isFramed(bytes: Uint8Array, at: number, length: number, tagLength: number): boolean {
  return (
    bytes[at] === 0x2a &&
    bytes[at + 1] === length - 2 &&
    bytes[at + 2] === 0x0a &&
    bytes[at + 3] === length - 4 &&
    bytes[at + 4] === 0x0a &&
    bytes[at + 5] === tagLength &&
    bytes[at + 6 + tagLength] === 0x15
  );
}

interface Tag {
  bytes: Uint8Array;
  text: string;
}

function tagAt(tags: Map<number, Tag>, bytes: Uint8Array, start: number, end: number): string {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  const known = tags.get(hash);
  if (known && isSame(known.bytes, bytes, start, end)) return known.text;
  const own = Buffer.from(bytes.subarray(start, end));
  const text = own.toString('utf8');
  if (tags.size < maxTags) tags.set(hash, { bytes: own, text });
  return text;
}

function isSame(tag: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (tag.length !== end - start) return false;
  for (let at = 0; at < tag.length; at++) if (tag[at] !== bytes[start + at]) return false;
  return true;
}
