import { beginsLikeZip, readZip } from '../../../formats/containers/zip.ts';
import { readOnnx } from '../../../formats/onnx/onnx.ts';
import { scanPickle } from '../../../formats/pickle/pickle.ts';
import { slice } from '../../../formats/slice.ts';
import { FormatError, sourceOf, type Source } from '../../../formats/source.ts';
import { archive, isModelArchive } from './archive.ts';
import { catboost } from './catboost.ts';
import { compressionOf, firstContent } from './compressed.ts';
import { gguf } from './gguf.ts';
import { headerOf, headerOnly } from './header-only.ts';
import { joblib } from './joblib.ts';
import { keras } from './keras.ts';
import { lightgbm } from './lightgbm.ts';
import { onnx } from './onnx.ts';
import { openvino, openvinoVersion } from './openvino.ts';
import { pickle } from './pickle.ts';
import { safetensors } from './safetensors.ts';
import { skops } from './skops.ts';
import { torch } from './torch.ts';
import { xgboost } from './xgboost.ts';

const headBytes = 512;
/** Bytes of a pickle that are read to distinguish it from other files. */
const pickleLook = 4096;

/**
 * Returns the recogniser of a file by its first bytes, whatever its name; undefined if they are of no known format. Never throws
 * for contents.
 */
export function recogniserByContent(source: Source): string | undefined {
  try {
    return byMagic(source) ?? (headerOf(source) === undefined ? byParsing(source) : headerOnly.name);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function byMagic(source: Source): string | undefined {
  const head = Buffer.from(source.read(0, headBytes));
  const text = head.toString('latin1');
  if (text.startsWith('GGUF')) return gguf.name;
  if (text.startsWith('CBM1')) return catboost.name;
  if (text.startsWith('tree\n')) return lightgbm.name;
  if (text.startsWith('\u0089HDF\r\n\u001a\n')) return keras.name;
  if (openvinoVersion(source) !== undefined) return openvino.name;
  if (text.startsWith('{')) return byJson(text);
  if (head.length > 16 && head[8] === 0x7b && head.readBigUInt64LE(0) < BigInt(source.size)) return safetensors.name;
  return undefined;
}

/** Recognises boosters in JSON, or in UBJSON, whose keys have their length before them. */
function byJson(text: string): string | undefined {
  if (
    /^\{\s*"(learner|version|Config|Model)"\s*:/.test(text) &&
    /"(learner|Model)"|^\{\s*"version"\s*:\s*\[/.test(text)
  )
    return xgboost.name;
  if (/^\{\s*"(ctr_data|features_info|model_info|oblivious_trees|scale_and_bias|trees)"\s*:/.test(text))
    return catboost.name;
  return /^\{[iUIlL][^"]{1,8}(learner|version|Config|Model)/.test(text) ? xgboost.name : undefined;
}

function byParsing(source: Source): string | undefined {
  if (beginsLikeZip(source)) return byMembers(readZip(source).map(({ name }) => name));
  if (isModelArchive(source)) return archive.name;
  const compression = compressionOf(source);
  if (compression === 'gzip' || compression === 'zlib')
    return isPickle(sourceOf(firstContent(source, compression))) ? joblib.name : undefined;
  if (compression === 'zstd') return joblib.name;
  if (isPickle(source)) return pickle.name;
  return isOnnx(source) ? onnx.name : undefined;
}

function byMembers(names: readonly string[]): string | undefined {
  if (names.some((name) => /(^|\/)data\.pkl$/.test(name))) return torch.name;
  if (names.includes('model.weights.h5') && names.includes('config.json')) return keras.name;
  return names.includes('schema.json') && names.some((name) => name.endsWith('.npy')) ? skops.name : undefined;
}

/**
 * True for a pickle of protocol 2 to 5, or an older one that begins with a global: `ccopy_reg
 * _reconstructor`.
 */
function isPickle(source: Source): boolean {
  const head = Buffer.from(source.read(0, 64));
  const marked = head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;
  if (!marked && !/^(\(i|c)[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n/.test(head.toString('latin1'))) return false;
  return scanPickle(slice(source, 0, pickleLook), 'joblib').failure?.kind !== 'malformed';
}

/** True for ONNX. It has no magic number: a small version number comes first, and all of the file must parse to a graph with nodes. */
function isOnnx(source: Source): boolean {
  const [tag = 0, version = 0, next = 0] = source.read(0, 3);
  if (tag !== 0x08 || version === 0 || version > 30 || ![0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42].includes(next))
    return false;
  return readOnnx(source).nodes > 0;
}
