import { dtypeOf } from '../../../formats/pickle/pickle-joblib.ts';
import { entriesOf, globalName, isNode, itemsOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import type { Source } from '../../../formats/source.ts';
import { tensorOf } from '../../../formats/torch/torch-tensors.ts';

/** Returns the bytes of a torch storage by its key; undefined if they are not available. */
export type OpenStorage = (key: string) => Source | undefined;

/** Returns a number from Python's own, numpy's scalar or a tensor of one element; undefined for anything else. */
export function numberOf(value: PickleValue | undefined, open?: OpenStorage): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (!isNode(value) || value.kind !== 'object') return undefined;
  if (/^numpy(\._?core)?\.multiarray\.scalar$/.test(globalName(value.callable) ?? '')) return numpyScalar(value.args);
  return tensorScalar(value, open);
}

function numpyScalar(args: PickleValue): number | undefined {
  const [type, content] = itemsOf(args) ?? [];
  const dtype = dtypeOf(type);
  const bytes = bytesOf(content);
  if (dtype === undefined || bytes === undefined) return undefined;
  return element(dtype.dtype, bytes);
}

/** Returns bytes, also in the form of protocol 2: `_codecs.encode(text, 'latin1')`. */
function bytesOf(value: PickleValue | undefined): Uint8Array | undefined {
  if (!isNode(value)) return undefined;
  if (value.kind === 'bytes') return value.bytes;
  if (value.kind !== 'object' || globalName(value.callable) !== '_codecs.encode') return undefined;
  const text = itemsOf(value.args)?.[0];
  return typeof text === 'string' ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : undefined;
}

function tensorScalar(value: PickleValue, open: OpenStorage | undefined): number | undefined {
  const tensor = tensorOf(value);
  if (tensor === undefined || open === undefined || tensor.shape.some((size) => size !== 1)) return undefined;
  const { key, offset, itemSize } = tensor.storage;
  if (itemSize === null) return undefined;
  const code = { float64: 'f8', float32: 'f4', int64: 'i8', int32: 'i4' }[tensor.dtype];
  const bytes = open(key)?.read(offset * itemSize, itemSize);
  return bytes === undefined || code === undefined ? undefined : element(code, bytes);
}

/** Reads the first little-endian element of a numpy type code; undefined if the bytes are too few or the code is unknown. */
function element(code: string, bytes: Uint8Array): number | undefined {
  if (bytes.length < Number(/\d+$/.exec(code)?.[0] ?? 1)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (code) {
    case 'f8':
      return view.getFloat64(0, true);
    case 'f4':
      return view.getFloat32(0, true);
    case 'i8':
      return Number(view.getBigInt64(0, true));
    case 'i4':
      return view.getInt32(0, true);
    case 'u8':
      return Number(view.getBigUint64(0, true));
    default:
      return undefined;
  }
}

/** Values that are visited at most, as a pickle may reach one mapping in many ways. */
const maxLooks = 20_000;

/** Returns the numbers of a mapping, nested keys joined with `/`; at most 200, four levels deep. */
export function numbersIn(value: PickleValue | undefined, open?: OpenStorage): Record<string, number> {
  const found: [string, number][] = [];
  let looks = maxLooks;
  collect(value, '', 0);
  return Object.fromEntries(found);

  function collect(from: PickleValue | undefined, prefix: string, depth: number): void {
    for (const [key, inner] of entriesOf(from) ?? []) {
      if (--looks < 0) return;
      if (typeof key !== 'string' || key.length > 200 || found.length >= 200) continue;
      const number = numberOf(inner, open);
      if (number !== undefined) found.push([prefix + key, number]);
      else if (depth < 3) collect(inner, `${prefix}${key}/`, depth + 1);
    }
  }
}
