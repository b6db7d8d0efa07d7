import { basename, relative, sep } from 'node:path';
import { isGeneric } from './generic-name.ts';

const MAX_LENGTH = 200;
const STAGE = /^(development|staging|production|archived|none)$/i;

const EXTENSIONS =
  /\.(pkl|pickle|joblib|pt|pth|pt2|ckpt|bin|safetensors|onnx|keras|h5|hdf5|weights|ubj|json|xgb|txt|lgb|lgbm|cbm|gguf|skops|npz|npy|tflite|pb|mlmodel|gz|bz2|xz|lzma|z|zip)$/i;

/** What tells savings of one model apart at the end of a file name: `_v1`, `-2026-11-21`, `_final`, `_epoch3`, `-fold0`, `-00001-of-00003`. */
const SUFFIX =
  /[-_. ](v(er(sion)?)?[-_.]?\d+(\.\d+)*|\d{4}-?\d\d-?\d\d([-_t]\d\d[-_:]?\d\d([-_:]?\d\d)?)?|(epoch|ep|step|iter|fold|seed)[-_=]?\d+|\d{5}-of-\d{5}|best|last|final|latest|checkpoint|ckpt)$/i;

/** What of a unit the name is made of. */
export interface NamedUnit {
  /** Absolute path of its folder, at or below the root. */
  folder: string;
  /** Its primary file, relative to the folder. */
  primary: string;
  /** True when the folder as such is the artifact. */
  wholeFolder: boolean;
}

/**
 * The name of the model that a unit below a watched root is a version of: `ruled`, where a rule of the user's says it; of a file
 * that shares its folder with `siblings` other models the stem, unless that is generic; else the nearest folder from the
 * unit's up to the root with a name that is not generic; else the stem of a file below a generic root; else the root's name.
 * At most 200 characters of NFC text without control characters and `/ \ @ :`, never empty, never a stage.
 */
export function modelName(rootPath: string, unit: NamedUnit, siblings: number, ruled?: string): string {
  if (ruled !== undefined) return clean(ruled);
  const stem = unit.wholeFolder ? '' : stemOf(unit.primary);
  if (siblings > 0 && !isGeneric(stem)) return clean(stem);
  const folders = foldersOf(rootPath, unit.folder);
  const folder = folders.findLast((name) => !isGeneric(name));
  if (folder !== undefined) return clean(folder);
  return clean(isGeneric(stem) ? (folders[0] ?? '') : stem);
}

/** Names from the root to the folder, both included; only the folder's own when it is not below the root. */
function foldersOf(rootPath: string, folder: string): string[] {
  const below = relative(rootPath, folder);
  if (below === '') return [basename(rootPath)];
  const names = below.split(sep);
  return names[0] === '..' ? [basename(folder)] : [basename(rootPath), ...names];
}

function stemOf(primary: string): string {
  let stem = strip(basename(primary), EXTENSIONS);
  for (let shorter = strip(stem, SUFFIX); shorter !== stem; shorter = strip(stem, SUFFIX)) stem = shorter;
  return stem;
}

/** Takes the ending away as often as it is there, but never everything. */
function strip(name: string, ending: RegExp): string {
  for (let rest = name; ; name = rest) {
    rest = name.replace(ending, '');
    if (rest === name || rest === '') return name;
  }
}

function clean(name: string): string {
  const text = name.normalize('NFC').toWellFormed();
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\@:]/g, '-').trim();
  const short = plain.slice(0, MAX_LENGTH).toWellFormed().trim();
  if (short === '' || /^\.+$/.test(short)) return 'model';
  return STAGE.test(short) ? `${short}-model` : short;
}
