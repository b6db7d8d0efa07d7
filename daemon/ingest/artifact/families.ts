import { relative, sep } from 'node:path';
import { directionOf } from '../../shared/metrics.ts';
import { stemOf } from './file-types.ts';
import { withoutDifferences } from './name-differences.ts';
import { isMeaningless } from './name-words.ts';

/** Endings of packed files, which say nothing of the model. */
const packed = /\.(gz|gzip|z|zlib|bz2|xz|lzma|lz4|zip)$/i;

/** MXNet puts the epoch before the ending: `net-0010.params`. */
const mxnetEpoch = /-\d{4}(?=\.params$)/i;
/** Endings of folders that are a model as such. */
const folderEnding = /\.mlpackage$/i;

/** The parts of an artifact that its name is made of. */
export interface NamedArtifact {
  /** Absolute path of its folder. */
  folder: string;
  /** Its primary file, relative to the folder. */
  primary: string;
  /** True when the folder as such is the artifact. */
  wholeFolder: boolean;
}

/**
 * The same text for savings of one model: the place below `top` without what tells savings apart, in folders and in the file's
 * name. `runs/exp1/best.pt` and `runs/exp2/last.pt` are of one family, `models/churn.pkl` and `models/rent.pkl` are not.
 */
export function familyOf(top: string, { folder, primary, wholeFolder }: NamedArtifact): string {
  const folders = relative(top, folder).split(sep);
  return [...folders.map(sharedName), wholeFolder ? '' : familyStem(primary)].join('/');
}

/** Returns the model's part of a file name, without endings and without what tells savings of one model apart. Empty where nothing is left. */
export function familyStem(primary: string): string {
  const stem = stripAll(primary.replace(mxnetEpoch, ''), (name) => stemOf(strip(name, packed)));
  const rest = withoutDifferences(stem);
  // mmengine names its best checkpoint by the metric: `best_coco_bbox_mAP_epoch_2`.
  return isMeaningless(stem) && (isMeaningless(rest) || directionOf(rest) !== null) ? '' : rest;
}

/** A folder's name without what tells its savings apart, and without a last word that says what it holds: `ner_output`. */
export function folderName(path: string): string {
  const name = strip(path, folderEnding);
  if (isMeaningless(name)) return name;
  const family = withoutDifferences(name);
  const rest = family.replace(/[-_. ](outputs?|results|checkpoints|ckpts|runs|logs|artifacts|exports)$/i, '');
  return isMeaningless(rest) ? family : rest;
}

/** Returns what a folder's name has in common with those of other savings; `#` where only a number differs, as in `run3`. */
export function sharedName(name: string): string {
  if (isMeaningless(name)) return /\d/.test(name) ? '#' : name;
  return withoutDifferences(name);
}

function stripAll(name: string, shorten: (name: string) => string): string {
  const rest = shorten(name);
  return rest === name ? name : stripAll(rest, shorten);
}

/** Takes the ending away, but never everything. */
function strip(name: string, ending: RegExp): string {
  return name.replace(ending, '') || name;
}
