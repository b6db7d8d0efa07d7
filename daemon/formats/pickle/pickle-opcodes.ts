import { FormatError } from '../source.ts';
import type { PickleMachine } from './pickle-machine.ts';
import { unknownValue, isNode } from './pickle-value.ts';
import type { PickleSequence, PickleValue } from './pickle-value.ts';

type Operation = (machine: PickleMachine) => void;

/** Texts and byte strings with more bytes are left out. */
const maxText = 4096;
const maxBytes = 65_536;
const decoder = new TextDecoder();
const latin1 = new TextDecoder('latin1');

export const stop = 0x2e;
export const buildOpcode = 0x62;

/** The operation of each opcode, by its byte. STOP and undefined opcodes are left out. Source: CPython's pickletools, protocols 0 to 5. */
export const operations: readonly (Operation | undefined)[] = table({
  '(': (m) => m.mark(),
  '0': (m) => m.drop(),
  '1': (m) => void m.popMark(),
  '2': (m) => m.push(m.top()),
  F: (m) => m.push(decimal(m)),
  I: (m) => m.push(integerLine(m)),
  L: (m) => m.push(integerLine(m)),
  J: (m) => m.push(m.cursor.view(4).getInt32(0, true)),
  K: (m) => m.push(m.cursor.byte()),
  M: (m) => m.push(m.cursor.view(2).getUint16(0, true)),
  G: (m) => m.push(m.cursor.view(8).getFloat64(0, false)),
  '\x8a': (m) => m.push(long(m, m.cursor.byte())),
  '\x8b': (m) => m.push(long(m, m.cursor.view(4).getInt32(0, true))),
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  S: (m) => m.push(quotedText(m)),
  V: (m) => m.push(short(decoder.decode(m.cursor.line()))),
  T: (m) => byteString(m, m.cursor.view(4).getInt32(0, true)),
  U: (m) => byteString(m, m.cursor.byte()),
  X: (m) => text(m, m.cursor.view(4).getUint32(0, true)),
  '\x8c': (m) => text(m, m.cursor.byte()),
  '\x8d': (m) => text(m, length64(m)),
  B: (m) => bytes(m, m.cursor.view(4).getUint32(0, true)),
  C: (m) => bytes(m, m.cursor.byte()),
  '\x8e': (m) => bytes(m, length64(m)),
  '\x96': (m) => bytes(m, length64(m)),
  '\x97': (m) => m.push(unknownValue),
  '\x98': () => undefined,
  ']': (m) => m.pushNode({ kind: 'list', items: [] }),
  l: (m) => sequence(m, 'list', m.popMark()),
  ')': (m) => m.pushNode({ kind: 'tuple', items: [] }),
  t: (m) => sequence(m, 'tuple', m.popMark()),
  '\x85': (m) => sequence(m, 'tuple', take(m, 1)),
  '\x86': (m) => sequence(m, 'tuple', take(m, 2)),
  '\x87': (m) => sequence(m, 'tuple', take(m, 3)),
  '}': (m) => m.pushNode({ kind: 'dict', entries: [] }),
  d: (m) => dictionary(m),
  '\x8f': (m) => m.pushNode({ kind: 'set', items: [] }),
  '\x91': (m) => sequence(m, 'frozenset', m.popMark()),
  a: (m) => appendOne(m),
  e: (m) => appendMany(m),
  '\x90': (m) => appendMany(m),
  s: (m) => setOne(m),
  u: (m) => setMany(m),
  c: (m) => m.global(name(m), name(m)),
  '\x93': (m) => stackGlobal(m),
  i: (m) => instance(m),
  o: (m) => object(m),
  R: (m) => callTop(m),
  '\x81': (m) => callTop(m),
  '\x92': (m) => callWithKeywords(m),
  b: (m) => build(m),
  g: (m) => m.push(m.get(Number(integerLine(m)))),
  h: (m) => m.push(m.get(m.cursor.byte())),
  j: (m) => m.push(m.get(m.cursor.view(4).getUint32(0, true))),
  p: (m) => m.put(memoIndex(m)),
  q: (m) => m.put(m.cursor.byte()),
  r: (m) => m.put(m.cursor.view(4).getUint32(0, true)),
  '\x94': (m) => m.memoize(),
  P: (m) => m.pushNode({ kind: 'persistent', id: short(latin1.decode(m.cursor.line())) }),
  Q: (m) => m.pushNode({ kind: 'persistent', id: m.pop() }),
  '\x82': (m) => extension(m, 1),
  '\x83': (m) => extension(m, 2),
  '\x84': (m) => extension(m, 4),
  '\x80': (m) => protocol(m),
  '\x95': (m) => m.cursor.skip(8),
});

function table(named: Record<string, Operation>): (Operation | undefined)[] {
  const byCode: (Operation | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [key, operation] of Object.entries(named)) byCode[key.charCodeAt(0)] = operation;
  return byCode;
}

function protocol(m: PickleMachine): void {
  const version = m.cursor.byte();
  if (version > 5) throw new FormatError('malformed', `There is no pickle protocol ${version}.`);
  m.findings.protocol = Math.max(m.findings.protocol, version);
}

function decimal(m: PickleMachine): number {
  const line = latin1.decode(m.cursor.line()).trim();
  const value = Number(line.replace(/^([+-]?)inf$/i, '$1Infinity'));
  if (line === '' || (Number.isNaN(value) && !/^[+-]?nan$/i.test(line))) throw malformedNumber();
  return value;
}

/** `I01` and `I00` are booleans of protocol 0; a trailing L marks Python 2's long. */
function integerLine(m: PickleMachine): PickleValue {
  const line = latin1.decode(m.cursor.line()).trim();
  if (line === '01') return true;
  if (line === '00') return false;
  if (!/^[+-]?\d{1,1000}L?$/.test(line)) throw malformedNumber();
  return narrow(BigInt(line.replace(/^\+|L$/g, '')));
}

function memoIndex(m: PickleMachine): number {
  const index = Number(integerLine(m));
  if (!Number.isSafeInteger(index) || index < 0) throw malformedNumber();
  return index;
}

function malformedNumber(): FormatError {
  return new FormatError('malformed', 'A number in the pickle is not a number.');
}

/** Reads a little-endian two's complement integer. */
function long(m: PickleMachine, length: number): PickleValue {
  if (length < 0) throw malformedNumber();
  if (length > 256) {
    m.cursor.skip(length);
    return unknownValue;
  }
  let value = 0n;
  for (const [i, byte] of m.cursor.take(length).entries()) value |= BigInt(byte) << BigInt(8 * i);
  return narrow(BigInt.asIntN(8 * length, value));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function length64(m: PickleMachine): number {
  return Number(m.cursor.view(8).getBigUint64(0, true));
}

function text(m: PickleMachine, length: number): void {
  if (length <= maxText) return m.push(decoder.decode(m.cursor.take(length)));
  m.cursor.skip(length);
  m.push(unknownValue);
}

/** Pushes Python 2's str: bytes read as latin-1 text. */
function byteString(m: PickleMachine, length: number): void {
  if (length < 0) throw new FormatError('malformed', 'A text in the pickle has a negative length.');
  if (length <= maxText) return m.push(latin1.decode(m.cursor.take(length)));
  m.cursor.skip(length);
  m.push(unknownValue);
}

function bytes(m: PickleMachine, length: number): void {
  const keep = length <= maxBytes && m.afford(1 + length / 64);
  const kept = keep ? m.cursor.take(length).slice() : undefined;
  if (!keep) m.cursor.skip(length);
  m.pushNode({ kind: 'bytes', length, bytes: kept });
}

function quotedText(m: PickleMachine): PickleValue {
  const line = latin1.decode(m.cursor.line()).trim();
  const match = /^(["'])(.*)\1$/s.exec(line);
  if (match === null) throw new FormatError('malformed', 'A text in the pickle has no quotes.');
  return short(match[2] as string);
}

function short(value: string): PickleValue {
  return value.length <= maxText ? value : unknownValue;
}

function name(m: PickleMachine): string {
  return decoder.decode(m.cursor.line());
}

function take(m: PickleMachine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => m.pop()).toReversed();
}

function sequence(m: PickleMachine, kind: PickleSequence['kind'], items: PickleValue[]): void {
  m.push(m.afford(1 + items.length) ? { kind, items } : unknownValue);
}

function dictionary(m: PickleMachine): void {
  const flat = m.popMark();
  m.pushNode({ kind: 'dict', entries: [] });
  m.setItems(m.top(), flat);
}

function appendOne(m: PickleMachine): void {
  const item = m.pop();
  m.append(m.top(), [item]);
}

function appendMany(m: PickleMachine): void {
  const items = m.popMark();
  m.append(m.top(), items);
}

function setOne(m: PickleMachine): void {
  const [key, value] = take(m, 2) as [PickleValue, PickleValue];
  m.setItems(m.top(), [key, value]);
}

function setMany(m: PickleMachine): void {
  const flat = m.popMark();
  m.setItems(m.top(), flat);
}

function stackGlobal(m: PickleMachine): void {
  const [module, attribute] = take(m, 2) as [PickleValue, PickleValue];
  m.global(module, attribute);
}

function instance(m: PickleMachine): void {
  m.global(name(m), name(m));
  const callable = m.pop();
  m.call(callable, { kind: 'tuple', items: m.popMark() });
}

function object(m: PickleMachine): void {
  const [callable, ...items] = m.popMark();
  if (callable === undefined) throw new FormatError('malformed', 'The pickle makes an object of no class.');
  m.call(callable, { kind: 'tuple', items });
}

function callTop(m: PickleMachine): void {
  const [callable, args] = take(m, 2) as [PickleValue, PickleValue];
  m.call(callable, args);
}

function callWithKeywords(m: PickleMachine): void {
  const [callable, args] = take(m, 3) as [PickleValue, PickleValue, PickleValue];
  m.call(callable, args);
}

function build(m: PickleMachine): void {
  const state = m.pop();
  const target = m.top();
  if (isNode(target) && target.kind === 'object') target.state = state;
}

/** Pushes an unknown value for a code of copyreg's extension registry, which is not in the file. */
function extension(m: PickleMachine, width: number): void {
  m.cursor.skip(width);
  m.findings.unresolved = true;
  m.push(unknownValue);
}
