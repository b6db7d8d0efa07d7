import { FormatError } from '../source.ts';

const maxDepth = 200;
const maxItems = 2_000_000;

/** True for R's serialization in its usual, binary form: `X`, a line break, version 2 or 3. */
export function beginsLikeRds(bytes: Uint8Array): boolean {
  const [mark, line, a, b, c, version = 0] = bytes;
  return mark === 0x58 && line === 0x0a && a === 0 && b === 0 && c === 0 && (version === 2 || version === 3);
}

/**
 * Returns the class attribute of the object that saveRDS wrote; empty when it has no class. Evaluates nothing. Source: R,
 * src/main/serialize.c. Throws FormatError: `truncated` when the bytes end before the object does, `unsupported` for parts of an
 * unknown kind.
 */
export function readRdsClass(bytes: Uint8Array): string[] {
  const reader = new RdsReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return reader.readTop();
}

interface Item {
  texts: string[];
  /** The symbol's name. */
  name: string;
  class: string[];
}

const nothing: Item = { texts: [], name: '', class: [] };
/** Bytes of one element of the plain vectors. */
const widths: Readonly<Record<number, number>> = { 10: 4, 13: 4, 14: 8, 15: 16, 24: 1 };
const constants = new Set([254, 253, 252, 251, 250, 242, 241]);
const pairs = new Set([2, 3, 5, 6, 17, 239, 240]);

class RdsReader {
  readonly #bytes: Buffer;
  #at = 2;
  #items = 0;
  readonly #refs: Item[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  readTop(): string[] {
    if (!beginsLikeRds(this.#bytes)) throw new FormatError('malformed', 'It was not written by saveRDS.');
    const version = this.#int();
    this.#skip(8);
    if (version === 3) this.#skip(this.#int());
    return this.#item(0).class;
  }

  #item(depth: number): Item {
    if (depth > maxDepth || (this.#items += 1) > maxItems)
      throw new FormatError('unsupported', 'The object is nested too deeply, or has too many parts.');
    const flags = this.#int();
    const type = flags & 0xff;
    const hasAttributes = (flags & 0x200) !== 0;
    if (constants.has(type)) return nothing;
    if (type === 255) return this.#refs[(flags >>> 8 || this.#int()) - 1] ?? nothing;
    if (pairs.has(type)) return this.#pairList(flags, depth);
    if (type === 1) return this.#remember({ ...nothing, name: this.#item(depth + 1).name });
    if (type === 9) return { ...nothing, name: this.#text() };
    if (type === 4) return this.#environment(depth);
    if (type >= 247 && type <= 249) return this.#stringVector(depth);
    const texts = this.#content(type, depth);
    return hasAttributes ? { ...nothing, texts, class: this.#item(depth + 1).class } : { ...nothing, texts };
  }

  /** Reads attributes, which are a list of pairs. Returns the value of the one called `class`. */
  #pairList(flags: number, depth: number): Item {
    let found: string[] = [];
    for (let at = flags; ;) {
      if ((at & 0x200) !== 0 || (at & 0xff) >= 239) this.#item(depth + 1);
      const tag = (at & 0x400) !== 0 ? this.#item(depth + 1).name : '';
      const { texts } = this.#item(depth + 1);
      if (tag === 'class' && texts.length > 0) found = texts;
      const next = this.#int();
      if (!pairs.has(next & 0xff)) {
        this.#at -= 4;
        this.#item(depth + 1);
        return { ...nothing, class: found };
      }
      if ((this.#items += 1) > maxItems) throw new FormatError('unsupported', 'The object has too many parts.');
      at = next;
    }
  }

  #environment(depth: number): Item {
    this.#skip(4);
    this.#remember(nothing);
    for (let part = 0; part < 4; part += 1) this.#item(depth + 1);
    return nothing;
  }

  #stringVector(depth: number): Item {
    this.#skip(4);
    for (let left = this.#int(); left > 0; left -= 1) this.#item(depth + 1);
    return this.#remember(nothing);
  }

  /** Returns the strings of a vector of strings. Skips any other content and returns none. */
  #content(type: number, depth: number): string[] {
    const width = widths[type];
    if (width !== undefined) this.#skip(this.#length() * width);
    else if (type === 16)
      return Array.from({ length: this.#bounded(this.#length()) }, () => this.#item(depth + 1).name);
    else if (type === 19 || type === 20)
      for (let left = this.#bounded(this.#length()); left > 0; left -= 1) this.#item(depth + 1);
    else if (type === 7 || type === 8) this.#skip(this.#int());
    else if (type === 22) {
      this.#remember(nothing);
      this.#item(depth + 1);
      this.#item(depth + 1);
    } else if (type === 23) this.#remember(nothing);
    else if (type === 238) for (let part = 0; part < 3; part += 1) this.#item(depth + 1);
    else if (type === 21) {
      this.#skip(4);
      this.#byteCode(depth + 1);
    } else if (type !== 25) throw new FormatError('unsupported', `It holds a part of type ${type}.`);
    return [];
  }

  /** Skips the code of a function and its constants, among them calls and the code of inner functions. */
  #byteCode(depth: number): void {
    this.#item(depth);
    for (let left = this.#bounded(this.#int()); left > 0; left -= 1) {
      const type = this.#int();
      if (type === 21) this.#byteCode(depth + 1);
      else this.#call(type, depth + 1);
    }
  }

  #call(type: number, depth: number): void {
    if (depth > maxDepth || (this.#items += 1) > maxItems)
      throw new FormatError('unsupported', 'The object is nested too deeply, or has too many parts.');
    if (type === 243) return this.#skip(4);
    const isDefined = type === 244;
    if (isDefined) this.#skip(4);
    const kind = isDefined ? this.#int() : type;
    if (!isDefined && ![2, 6, 239, 240].includes(kind)) return void this.#item(depth);
    if (kind >= 239) this.#item(depth);
    this.#item(depth);
    this.#call(this.#int(), depth + 1);
    this.#call(this.#int(), depth + 1);
  }

  #remember(item: Item): Item {
    this.#refs.push(item);
    return item;
  }

  /** Returns the count. Throws when so many elements cannot fit, since every element takes at least four bytes. */
  #bounded(count: number): number {
    if (count * 4 > this.#bytes.length - this.#at) throw new FormatError('truncated', 'The object is not complete.');
    return count;
  }

  #text(): string {
    const length = this.#int();
    const from = this.#at;
    this.#skip(Math.max(0, length));
    return this.#bytes.toString('utf8', from, Math.min(this.#at, from + 200));
  }

  #length(): number {
    const length = this.#int();
    if (length !== -1) return length;
    const high = this.#int();
    return high * 2 ** 32 + (this.#int() >>> 0);
  }

  #int(): number {
    const at = this.#at;
    this.#skip(4);
    return this.#bytes.readInt32BE(at);
  }

  #skip(count: number): void {
    if (count < 0) throw new FormatError('malformed', 'A length is negative.');
    this.#at += count;
    if (this.#at > this.#bytes.length) throw new FormatError('truncated', 'The object is not complete.');
  }
}
