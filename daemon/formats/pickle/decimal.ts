const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const splitter = 2 ** 27 + 1;

/**
 * Reads decimal numbers from ASCII bytes, with exactly the results of `Number`. Numbers with up to 6 digits before the point and
 * 22 after it are computed with an error far below half a unit in the last place (double-double arithmetic: Dekker 1971); others
 * go through `Number`.
 */
export class DecimalReader {
  /** The number that was read last; NaN when there was none. */
  value = Number.NaN;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Reads a JSON number that begins at `start` and returns the offset after it. Collects digits nine at a time, as integers. */
  read(start: number): number {
    const bytes = this.bytes;
    const first = bytes[start] === 0x2d ? start + 1 : start;
    let at = first;
    let digit = (bytes[at] as number) - 0x30;
    let whole = 0;
    for (; digit >= 0 && digit <= 9 && at - first < 7; digit = (bytes[++at] as number) - 0x30)
      whole = (whole * 10 + digit) | 0;
    if (at === first || at - first > 6 || digit !== -2) return this.#slow(start);
    const point = at;
    digit = (bytes[++at] as number) - 0x30;
    if (whole === 0) for (; digit === 0; digit = (bytes[++at] as number) - 0x30);
    let near = 0;
    const nearEnd = at + 9;
    const nearStart = at;
    for (; digit >= 0 && digit <= 9 && at < nearEnd; digit = (bytes[++at] as number) - 0x30)
      near = (near * 10 + digit) | 0;
    const high = whole * powers[at - nearStart]! + near;
    let far = 0;
    const farStart = at;
    for (; digit >= 0 && digit <= 9 && at < farStart + 9; digit = (bytes[++at] as number) - 0x30)
      far = (far * 10 + digit) | 0;
    const scale = at - point - 1;
    if (scale > 22 || digit === 0x35 || digit === 0x15 || (digit >= 0 && digit <= 9)) return this.#slow(start);
    const by = powers[scale]!;
    const magnitude = at === farStart ? high / by : divide(high, powers[at - farStart]!, far, by);
    this.value = first > start ? -magnitude : magnitude;
    return at;
  }

  #slow(start: number): number {
    const bytes = this.bytes;
    let at = start;
    while (isNumberByte(bytes[at] ?? 0)) at += 1;
    this.value = at === start ? Number.NaN : Number(Buffer.from(bytes.subarray(start, at)).toString('latin1'));
    return at;
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x65 || byte === 0x45
  );
}

/** Returns (high × shift + low) ÷ by, rounded once. */
function divide(high: number, shift: number, low: number, by: number): number {
  const product = high * shift;
  const sum = product + low;
  const rest = low - (sum - product) + exactRest(high, shift, product);
  const quotient = sum / by;
  const back = quotient * by;
  return quotient + (sum - back - exactRest(quotient, by, back) + rest) / by;
}

/** Returns a × b − product exactly, where product is a × b rounded. */
function exactRest(a: number, b: number, product: number): number {
  const bigA = splitter * a - (splitter * a - a);
  const bigB = splitter * b - (splitter * b - b);
  const smallA = a - bigA;
  const smallB = b - bigB;
  return smallA * smallB - (product - bigA * bigB - smallA * bigB - bigA * smallB);
}
