import { basename, relative, sep } from 'node:path';
import { stemOf } from './file-types.ts';
import { stemsIn } from './siblings.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import type { Disk } from '../watch/folder-cache.ts';
import type { ArtifactFiles } from './types.ts';

const maxNameLength = 200;
const stage = /^(development|staging|production|archived|none)$/i;

/** Endings of packed files, which say nothing of the model. */
const packed = /\.(gz|gzip|z|zlib|bz2|xz|lzma|lz4|zip)$/i;

/** What tells savings of one model apart at the end of a file name: `_v1`, `-2026-11-21`, `_final`, `_epoch3`, `-fold0`, `-00001-of-00003`. */
const suffix =
  /[-_. ](v(er(sion)?)?[-_.]?\d+(\.\d+)*|\d{4}-?\d\d-?\d\d([-_t]\d\d[-_:]?\d\d([-_:]?\d\d)?)?|(epoch|ep|step|iter|fold|seed)[-_=]?\d+|\d{5}-of-\d{5}|best|last|final|latest|checkpoint|ckpt)$/i;

/** Words that say what a folder or file is for, not which model it holds; each may carry a number: `run3`. */
const genericWords = new Set(
  `run runs trial trials exp exps experiment experiments version versions v ver rev release job jobs task sweep
  checkpoint checkpoints ckpt ckpts chkpt cp epoch epochs ep step steps iter iteration it fold folds cv seed rank worker part
  weight weights w model models mdl net module params state dict output outputs out outdir result results artifact artifacts
  log logs multirun save saves saved snapshot snapshots export exports exported best last final latest current
  new old tmp temp train training trained fit mlruns mlartifacts wandb offline dvclive tensorboard tb files variables
  default untitled checkpointing output_dir dev development prod production staging archived archive none`.split(/\s+/),
);

const genericPatterns = [
  /^lightning_logs$/,
  /** uuid, and `m-<hex>` of MLflow. */
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^m-[0-9a-f]{32}$/,
  /** `epoch=7-step=72-val_loss=0.171`, `epoch_024`. */
  /^(best[-_.]|last[-_.])?(epoch|step|iter)[=_-]?\d+/,
  /** W&B: `run-20261121_090726-4n3lea50`. */
  /^(offline-)?run-\d{8}_\d{6}-\w{8}$/,
  /** TensorBoard's default: `Nov25_18-13-57_host`. */
  /^[a-z]{3}\d\d_\d\d-\d\d-\d\d/,
  /** Ray Tune: `train_fn_a1b2c_00000_0_lr=0.1_2026-11-21_09-07-26`. */
  /_\d{5}_\d+_.*\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/,
];

/** What of an artifact the name is made of. */
export interface NamedArtifact {
  /** Absolute path of its folder, at or below the root. */
  folder: string;
  /** Its primary file, relative to the folder. */
  primary: string;
  /** True when the folder as such is the artifact. */
  wholeFolder: boolean;
}

/**
 * The name of the model that an artifact below a watched root is a version of: `ruled`, where a rule of the user's says it; of a file
 * that shares its folder with `siblings` other models the stem, unless that is generic; else the nearest folder from the
 * artifact's up to the root with a name that is not generic; else the stem of a file below a generic root; else the root's name.
 * At most 200 characters of NFC text without control characters and `/ \ @ :`, never empty, never a stage.
 */
export function modelName(rootPath: string, artifact: NamedArtifact, siblings: number, ruled?: string): string {
  if (ruled !== undefined) return clean(ruled);
  const stem = artifact.wholeFolder ? '' : modelStemOf(artifact.primary);
  if (siblings > 0 && !isGeneric(stem)) return clean(stem);
  const folders = foldersOf(rootPath, artifact.folder);
  const folder = folders.findLast((name) => !isGeneric(name));
  if (folder !== undefined) return clean(folder);
  return clean(isGeneric(stem) ? (folders[0] ?? '') : stem);
}

/** What decides about a name. */
export interface Naming {
  readonly disk: Disk;
  readonly rules: Rules;
}

/** The model that an artifact is a version of: by plinth.yaml where that names one, else by where it is. */
export function nameOf({ disk, rules }: Naming, files: ArtifactFiles): string {
  const ruled = rules.matchRule(files.path, files.root)?.model;
  const others = stemsIn(disk, files.root, files.folder).size - 1;
  const { folder, group } = files;
  const plain = { folder, primary: group.primary, wholeFolder: group.wholeFolder };
  return modelName(files.root, plain, Math.max(0, others), ruled);
}

/** Names from the root to the folder, both included; only the folder's own when it is not below the root. */
function foldersOf(rootPath: string, folder: string): string[] {
  const below = relative(rootPath, folder);
  if (below === '') return [basename(rootPath)];
  const names = below.split(sep);
  return names[0] === '..' ? [basename(folder)] : [basename(rootPath), ...names];
}

/** What a file's name says of its model: without endings and without what tells savings of one model apart. */
function modelStemOf(primary: string): string {
  const stem = stripAll(primary, (name) => stemOf(strip(name, packed)));
  return stripAll(stem, (name) => strip(name, suffix));
}

function stripAll(name: string, shorten: (name: string) => string): string {
  const rest = shorten(name);
  return rest === name ? name : stripAll(rest, shorten);
}

/** Takes the ending away, but never everything. */
function strip(name: string, ending: RegExp): string {
  return name.replace(ending, '') || name;
}

function clean(name: string): string {
  const text = name.normalize('NFC').toWellFormed();
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\@:]/g, '-').trim();
  const short = plain.slice(0, maxNameLength).toWellFormed().trim();
  if (short === '' || /^\.+$/.test(short)) return 'model';
  return stage.test(short) ? `${short}-model` : short;
}

/**
 * True for names that distinguish one saving from another rather than one model from another: `run-001`, `version_0`,
 * `checkpoint-8`, `best_model`, dates, times, numbers, hashes, ids. An empty name is generic.
 */
export function isGeneric(name: string): boolean {
  const lower = name.toLowerCase();
  return genericPatterns.some((pattern) => pattern.test(lower)) || lower.split(/[-_.=+ ,()[\]]+/).every(isGenericToken);
}

function isGenericToken(token: string): boolean {
  if (/^\d*$/.test(token) || /^\d+(t\d+)?z?$/.test(token)) return true;
  if (genericWords.has(token)) return true;
  const numbered = /^([a-z]+?)\d+$/.exec(token);
  if (numbered?.[1] !== undefined && genericWords.has(numbered[1])) return true;
  return isHash(token) || isRandomId(token);
}

function isHash(token: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(token) && /\d/.test(token) && /[a-f]/.test(token);
}

/** Eight letters and digits well mixed, as W&B's run ids are; `resnet50` is not. */
function isRandomId(token: string): boolean {
  return /^[a-z0-9]{8}$/.test(token) && (token.match(/\d+/g)?.length ?? 0) >= 2 && /\d[a-z]/.test(token);
}
