import { DecimalReader } from '../pickle/decimal.ts';

/** Triples of step, time and value, one after another. A missing number is NaN. */
export type Triples = Float64Array;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const letterN = 0x6e;
const tens = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/**
 * Reads the series of an evidence blob: `{…, "more": {"series": {"loss": [[step, time, value], …]}}}` as JSON.stringify writes
 * it, without white space. This is ten times as fast as parsing all of it, and series may have a million points. Returns none for
 * a text that has no series or is anything else; never throws.
 */
export function readSeriesJson(bytes: Uint8Array): Map<string, Triples> {
  const found = new Map<string, Triples>();
  const scan = new Scanner(bytes);
  scan.members(0, (key, at) => {
    if (key !== 'more') return undefined;
    return scan.members(at, (inner, innerAt) => {
      if (inner !== 'series') return undefined;
      return scan.members(innerAt, (name, start) => {
        const read = scan.triples(start);
        if (read) found.set(name, read.points);
        return read?.end;
      });
    });
  });
  return found;
}

/** `metrics` and `params` of an evidence blob as JSON texts; absent for one that it does not have. */
export interface EvidenceTexts {
  metrics?: string;
  params?: string;
}

/** Returns them. Never throws. */
export function readEvidenceTexts(bytes: Uint8Array): EvidenceTexts {
  const found: EvidenceTexts = {};
  const scan = new Scanner(bytes);
  scan.members(0, (key, at) => {
    if (key !== 'metrics' && key !== 'params') return key === 'more' ? bytes.length : undefined;
    const end = scan.valueEnd(at);
    found[key] = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('utf8');
    return end;
  });
  return found;
}

class Scanner {
  private readonly bytes: Uint8Array;
  private readonly numbers: DecimalReader;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.numbers = new DecimalReader(bytes);
  }

  /**
   * Calls `visit` with each key and the offset of its value. `visit` returns the offset after the value, or undefined to skip it.
   * Returns the offset after the object.
   */
  members(start: number, visit: (key: string, at: number) => number | undefined): number | undefined {
    const bytes = this.bytes;
    if (bytes[start] !== openObject) return undefined;
    if (bytes[start + 1] === closeObject) return start + 2;
    for (let at = start + 1; bytes[at] === quote;) {
      const end = this.#stringEnd(at);
      const value = end + 1;
      const next = visit(this.#text(at, end), value) ?? this.valueEnd(value);
      if (bytes[next] !== comma) return bytes[next] === closeObject ? next + 1 : undefined;
      at = next + 1;
    }
    return undefined;
  }

  /** Reads `[[1,null,0.5],…]`; undefined when the value does not have that form. */
  triples(start: number): { points: Triples; end: number } | undefined {
    const bytes = this.bytes;
    if (bytes[start] !== openArray) return undefined;
    let points = new Float64Array(3 * this.#estimate(start));
    let length = 0;
    let at = start + 1;
    while (bytes[at] === openArray) {
      if (length === points.length) points = grown(points);
      for (let part = 0; part < 3; part += 1) {
        at = this.#number(at + 1, points, length + part);
        if (bytes[at] !== (part === 2 ? closeArray : comma)) return undefined;
      }
      length += 3;
      at += 1;
      if (bytes[at] === comma) at += 1;
    }
    if (bytes[at] !== closeArray) return undefined;
    return { points: points.length > 1.2 * length ? points.slice(0, length) : points.subarray(0, length), end: at + 1 };
  }

  /** Estimates how many points an array of them has, from the length of the first ones. */
  #estimate(start: number): number {
    const bytes = this.bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = text.indexOf(']]', start);
    let at = start;
    let points = 0;
    for (; points < 64 && at >= 0 && at < end; points += 1) at = text.indexOf(closeArray, at + 1);
    return at >= end || at < 0 ? points + 1 : Math.ceil(((end - start) / (at - start)) * points * 1.1);
  }

  /** Reads a number. Most steps and times are whole numbers, which are read right here. */
  #number(start: number, into: Float64Array, index: number): number {
    const bytes = this.bytes;
    let first = 0;
    let at = start;
    let byte = bytes[at] as number;
    for (; byte >= 0x30 && byte <= 0x39 && at < start + 9; byte = bytes[++at] as number)
      first = (first * 10 + (byte - 0x30)) | 0;
    let rest = 0;
    const middle = at;
    for (; byte >= 0x30 && byte <= 0x39 && at < start + 15; byte = bytes[++at] as number)
      rest = (rest * 10 + (byte - 0x30)) | 0;
    if ((byte === comma || byte === closeArray) && at > start) {
      into[index] = at === middle ? first : first * (tens[at - middle] as number) + rest;
      return at;
    }
    if (byte === letterN) {
      into[index] = Number.NaN;
      return start + 4;
    }
    const end = this.numbers.read(start);
    into[index] = this.numbers.value;
    return end;
  }

  /** Returns the offset after a string that begins at `start`. */
  #stringEnd(start: number): number {
    const bytes = this.bytes;
    let at = start + 1;
    while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
    return at + 1;
  }

  #text(start: number, end: number): string {
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('utf8');
    try {
      return String(JSON.parse(text));
    } catch {
      return text;
    }
  }

  /** Returns the offset after any value that begins at `start`. */
  valueEnd(start: number): number {
    const bytes = this.bytes;
    let depth = 0;
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === quote) at = this.#stringEnd(at) - 1;
      else if (byte === openArray || byte === openObject) depth += 1;
      else if (byte === closeArray || byte === closeObject) {
        if (depth === 0) return at;
        depth -= 1;
      } else if (byte === comma && depth === 0) return at;
      if (depth === 0 && (byte === closeArray || byte === closeObject || byte === quote)) return at + 1;
    }
    return bytes.length;
  }
}

function grown(points: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(points.length * 2);
  larger.set(points);
  return larger;
}
