import { relative, sep } from 'node:path';
import { directionOf } from '../../shared/metrics.ts';
import { stemOf } from './file-types.ts';
import { withoutDifferences } from './name-differences.ts';
import { isMeaningless } from '../disk/name-words.ts';

/** Endings of compressed files, which do not describe the model. */
const packed = /\.(gz|gzip|z|zlib|bz2|xz|lzma|lz4|zip)$/i;

/** MXNet writes the epoch before the ending: `net-0010.params`. */
const mxnetEpoch = /-\d{4}(?=\.params$)/i;
/** Ending of folders that are a model as a whole. */
const folderEnding = /\.mlpackage$/i;

/** The parts of an artifact that determine its name. */
export interface NamedArtifact {
  /** Absolute path of its folder. */
  folder: string;
  /** Its primary file, relative to the folder. */
  primary: string;
  /** True if the folder as a whole is the artifact. */
  wholeFolder: boolean;
}

/**
 * Returns the same text for all saves of one model: the path below `top` without the parts that distinguish saves, in folders and
 * in the file's name. `runs/exp1/best.pt` and `runs/exp2/last.pt` are of one family; `models/churn.pkl` and `models/rent.pkl` are
 * not.
 */
export function familyOf(top: string, { folder, primary, wholeFolder }: NamedArtifact): string {
  const folders = relative(top, folder).split(sep);
  return [...folders.map(sharedName), wholeFolder ? '' : familyStem(primary)].join('/');
}

/** Returns the model's part of a file name, without endings and without the parts that distinguish saves. Empty if nothing is left. */
export function familyStem(primary: string): string {
  const stem = stripAll(primary.replace(mxnetEpoch, ''), (name) => stemOf(strip(name, packed)));
  const rest = withoutDifferences(stem);
  // mmengine names its best checkpoint by the metric: `best_coco_bbox_mAP_epoch_2`.
  return isMeaningless(stem) && (isMeaningless(rest) || directionOf(rest) !== null) ? '' : rest;
}

/** Returns a folder's name without the parts that distinguish saves, and without a generic last word: `ner` for `ner_output`. */
export function folderName(path: string): string {
  const name = strip(path, folderEnding);
  if (isMeaningless(name)) return name;
  const family = withoutDifferences(name);
  const rest = family.replace(/[-_. ](outputs?|results|checkpoints|ckpts|runs|logs|artifacts|exports)$/i, '');
  return isMeaningless(rest) ? family : rest;
}

/** Returns the part of a folder's name that all saves share; `#` if only a number differs, as in `run3`. */
export function sharedName(name: string): string {
  if (isMeaningless(name)) return /\d/.test(name) ? '#' : name;
  return withoutDifferences(name);
}

function stripAll(name: string, shorten: (name: string) => string): string {
  const rest = shorten(name);
  return rest === name ? name : stripAll(rest, shorten);
}

/** Removes an ending, unless nothing would be left. */
function strip(name: string, ending: RegExp): string {
  return name.replace(ending, '') || name;
}
