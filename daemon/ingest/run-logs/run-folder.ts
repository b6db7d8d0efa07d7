import { basename, dirname, join } from 'node:path';
import { isGeneric } from '../disk/name-words.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { readerOf } from './cache.ts';
import { statAt } from '../../runtime/file-reader.ts';

/** Folders that a tracker creates for every run. Their existence marks a run. */
const runFolders = new Set(['.hydra', 'dvclive', 'catboost_info']);

/** mmengine's pointer to its latest checkpoint, in the work folder of a run. */
const mmengineMark = 'last_checkpoint';

/** Folders that get an entry for every run. They mark a run if they changed lately. */
const runStores = new Set(['wandb', 'mlruns', 'lightning_logs']);

/** Folders in which the event files of a run are commonly kept. */
const logFolders = new Set(['runs', 'logs', 'log', 'tb', 'tb_logs', 'tensorboard', 'events']);

/** Folders that hold checkpoints of a run and are not the run's own folder. */
const checkpointFolder =
  /^(checkpoints?|ckpts?|weights|models?|snapshots?|saved?_?models?|(tf_|training_)(ckpts?|checkpoints?)|(checkpoint|step|epoch)[-_]?\d+)$/i;

/** Folder of a checkpoint of the Hugging Face Trainer. It marks a run by itself, before its trainer_state.json is written. */
const trainerCheckpoint = /^checkpoint-\d+$/;

const maxLogs = 3;

/**
 * Returns the folder of the run that wrote an artifact, between the artifact's own folder and the root; undefined outside a run.
 * Marks of a run: event files, trainer_state.json, CSV logs of Lightning or Keras (written within `recentMs` of the artifact),
 * and the folders of Hydra, W&B, dvclive, MLflow and Lightning. Artifacts inside `mlruns` are in no run of this kind, as MLflow
 * records a run for each.
 */
export function runFolderOf(
  disk: Disk,
  root: string,
  folder: string,
  writtenAt: number,
  recentMs: number,
): string | undefined {
  for (let at = folder; at.startsWith(root); at = dirname(at)) {
    const listing = disk.list(at);
    if (at !== root && listing?.name === 'mlruns') return undefined;
    const inner = checkpointFolder.test(listing?.name ?? '') && at !== root;
    if (at !== root && trainerCheckpoint.test(listing?.name ?? '')) return dirname(at);
    if (listing && !inner && hasSign(listing, writtenAt, recentMs)) return at;
    const stop = at === root || (!inner && !isGeneric(listing?.name ?? ''));
    if (stop) return undefined;
  }
  return undefined;
}

function hasSign(listing: Listing, writtenAt: number, recentMs: number): boolean {
  if ([...listing.folders].some((name) => runFolders.has(name)) || listing.files.has(mmengineMark)) return true;
  return [...signTimes(listing), ...storeTimes(listing)].some((time) => time >= writtenAt - recentMs);
}

/** Returns when the trackers' stores last changed. MLflow's runs are one level deeper, by experiment. */
function storeTimes(listing: Listing): number[] {
  const stores = [...listing.folders].filter((name) => runStores.has(name));
  const paths = stores.flatMap((name) => {
    const path = join(listing.path, name);
    const inner = name === 'mlruns' ? [...(listing.child(name)?.folders ?? [])].slice(0, maxExperiments) : [];
    return [path, ...inner.map((experiment) => join(path, experiment))];
  });
  return paths.map((path) => statAt(path)?.mtimeMs ?? 0);
}

const maxExperiments = 100;

/** Returns when the files that mark a run were last written. */
function signTimes(listing: Listing): number[] {
  const own = signsIn(listing);
  const logs = [...listing.folders].filter((name) => logFolders.has(name)).map((name) => listing.child(name));
  const checkpoints = [...listing.folders]
    .filter((name) => trainerCheckpoint.test(name))
    .map((name) => listing.child(name));
  return [
    ...own,
    ...logs.flatMap((inner) => deepSigns(inner, maxLogs)),
    ...checkpoints.flatMap((inner) => (inner ? signsIn(inner) : [])),
  ];
}

function deepSigns(listing: Listing | undefined, levels: number): number[] {
  if (!listing || levels === 0) return [];
  const deeper = [...listing.folders].flatMap((name) => deepSigns(listing.child(name), levels - 1));
  return [...signsIn(listing), ...deeper];
}

function signsIn(listing: Listing): number[] {
  return [...listing.files]
    .filter((name) => readerOf(name)?.marksRun === true)
    .map((name) => statAt(join(listing.path, name))?.mtimeMs ?? 0);
}

/** Returns true if a path inside a run looks like a checkpoint, by its file's or a folder's name. */
export function isCheckpoint(runFolder: string, path: string): boolean {
  const inside = path.slice(runFolder.length + 1).split('/');
  if (inside.slice(0, -1).some((name) => checkpointFolder.test(name) && !/^models?$/i.test(name))) return true;
  const file = inside.at(-1) ?? '';
  return /(^|[-_.=])(checkpoint|ckpt|epoch|step|iter|best|last|latest|snapshot|weights)([-_.=]|\d|$)/i.test(file);
}

/** Returns the folder of an untracked checkpoint's run: the nearest folder that is not named like one for checkpoints. */
export function folderAboveCheckpoints(root: string, folder: string): string {
  let at = folder;
  while (at !== root && checkpointFolder.test(basename(at)) && !/^models?$/i.test(basename(at))) at = dirname(at);
  return at;
}
