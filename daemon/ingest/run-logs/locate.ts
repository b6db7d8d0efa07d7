import { dirname, join, sep } from 'node:path';
import { artifactStem, stemsIn } from '../artifact/siblings.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { isGeneric } from '../disk/name-words.ts';
import { mlflowRunOf } from './mlflow-run.ts';
import { readerOf } from './cache.ts';
import { projectLogs } from './project-logs.ts';
import { artifactsIn } from '../artifact/files.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import { byTextOf } from '../../shared/text-order.ts';

const maxFiles = 40;
const deepest = 4;

/**
 * Returns the absolute paths of an artifact's run logs: in a run all logs of the run, otherwise those in its folder; those that
 * its project keeps apart; and MLflow's run that logged it.
 */
export function locateRunLogs(disk: Disk, artifact: ArtifactFiles, run: string | undefined): string[] {
  const near = run === undefined ? logsNear(disk, artifact) : locateLogsOfRun(disk, run, artifact.folder);
  const accept = acceptedNames(disk, artifact);
  const all = [...new Set([...near, ...projectLogs(disk, artifact, accept)])];
  const found = all.filter((path) => !isOfOtherCheckpoint(path, artifact.folder));
  const own = new Set(artifact.group.files.map((file) => join(artifact.folder, file)));
  const logged = mlflowRunOf(artifact);
  const others = found.filter((path) => !own.has(path) && path !== logged);
  return [...(logged === undefined ? [] : [logged]), ...others].slice(0, maxFiles);
}

/**
 * Returns all logs of a run. The trainer_state.json files of checkpoints other than the artifact's own are left out; if the run
 * has none of its own yet, the last checkpoint's is included.
 */
export function locateLogsOfRun(disk: Disk, run: string, artifactFolder = run): string[] {
  const listing = disk.list(run);
  if (!listing) return [];
  const newest = listing.files.has('trainer_state.json') ? [] : newestState(listing);
  const found = [...newest, ...logsBelow(listing, artifactFolder, deepest)];
  return [...new Set(found)];
}

function logsBelow(listing: Listing, artifactFolder: string, levels: number): string[] {
  const own = matchName(listing, (name) => !isSuperseded(listing, name));
  if (levels === 0) return own;
  const inner = foldersOf(listing).filter((name) => !isOthers(join(listing.path, name), name, artifactFolder));
  return [...own, ...inner.flatMap((name) => logsOfChild(listing, name, artifactFolder, levels))];
}

/** True for Ray Tune's progress.csv beside its result.json, which has the same values exactly and the trial's end. */
function isSuperseded(listing: Listing, name: string): boolean {
  return name === 'progress.csv' && listing.files.has('result.json');
}

const catboostSets = /^(learn|test)$/;
const wandbRun = /^(?:offline-)?run-(\d{8}_\d{6})-/;

/**
 * Returns the folders with logs of the run. CatBoost's event files repeat its tables, and of W&B's runs in one folder only the
 * newest is this one.
 */
function foldersOf(listing: Listing): string[] {
  const all = [...listing.folders];
  if (listing.files.has('learn_error.tsv')) return all.filter((name) => !catboostSets.test(name));
  if (listing.name !== 'wandb') return all;
  const startOf = (name: string): string => wandbRun.exec(name)?.[1] ?? '';
  const newest = all
    .filter((name) => startOf(name) !== '')
    .toSorted(byTextOf(startOf))
    .at(-1);
  return all.filter((name) => startOf(name) === '' || name === newest);
}

function logsOfChild(listing: Listing, name: string, artifactFolder: string, levels: number): string[] {
  const child = listing.child(name);
  return child ? logsBelow(child, artifactFolder, levels - 1) : [];
}

const checkpointFolder = /^checkpoint[-_]?(\d+)$/i;

/** True for a log of another checkpoint than the artifact's. An artifact outside checkpoints may use any. */
function isOfOtherCheckpoint(path: string, artifactFolder: string): boolean {
  const [of, own] = [dirname(path), artifactFolder].map(
    (folder) => /^(.*\/checkpoint[-_]?\d+)(\/|$)/i.exec(folder)?.[1],
  );
  return own !== undefined && of !== undefined && of !== own;
}

function isOthers(path: string, name: string, artifactFolder: string): boolean {
  return checkpointFolder.test(name) && artifactFolder !== path && !artifactFolder.startsWith(path + sep);
}

/** Returns `trainer_state.json` of the checkpoint with the highest number; empty if there is none. */
function newestState(listing: Listing): string[] {
  const numbered = [...listing.folders].map((name) => ({ name, step: Number(checkpointFolder.exec(name)?.[1] ?? -1) }));
  const checkpoints = numbered.filter(({ step }) => step >= 0).toSorted((a, b) => b.step - a.step);
  const newest = checkpoints.find(({ name }) => listing.child(name)?.files.has('trainer_state.json'));
  return newest ? [join(listing.path, newest.name, 'trainer_state.json')] : [];
}

/**
 * Returns the logs in an artifact's folder, and in the one above if the folder's name is generic, such as `models`. If several
 * models share the folder, files with another's stem are left out.
 */
function logsNear(disk: Disk, artifact: ArtifactFiles): string[] {
  const listing = disk.list(artifact.folder);
  if (!listing) return [];
  const alone = isAlone(disk, artifact);
  const accept = acceptedNames(disk, artifact);
  const own = matchName(listing, (name) => accept(name) && !isSuperseded(listing, name));
  const after = matchName(listing, accept, isNamedAfterModel(disk, artifact));
  const climbs = alone && artifact.folder !== artifact.root && isGeneric(listing.name) && !/\d/.test(listing.name);
  const above = climbs ? disk.list(dirname(artifact.folder)) : undefined;
  return above && artifactsIn(disk, artifact.root, above.path).length === 0
    ? [...own, ...after, ...matchName(above, () => true)]
    : [...own, ...after];
}

/** True if the folder holds no other artifact. */
export function isAlone(disk: Disk, { root, folder }: ArtifactFiles): boolean {
  return stemsIn(disk, root, folder).size <= 1;
}

/**
 * Returns a predicate for the file names of a folder that may be of the artifact: those with its stem, if no longer stem of the
 * folder fits, or with no stem.
 */
export function acceptedNames(disk: Disk, artifact: ArtifactFiles): (name: string) => boolean {
  const stems = [...stemsIn(disk, artifact.root, artifact.folder).keys()];
  const stem = artifactStem(artifact);
  return (name) => {
    const carried = stems.filter((one) => carriesStem(name, one)).toSorted((a, b) => b.length - a.length);
    return carried.length === 0 || carried[0] === stem;
  };
}

function carriesStem(name: string, stem: string): boolean {
  return stem !== '' && name.startsWith(stem) && /^[-_.]/.test(name.slice(stem.length));
}

/**
 * Returns a predicate for file names that no reader knows and that begin with the name of a model in the folder, as `churn.json`
 * for `churn.pkl`. Generic stems do not count.
 */
export function isNamedAfterModel(
  disk: Disk,
  { root, folder }: Pick<ArtifactFiles, 'root' | 'folder'>,
): (name: string) => boolean {
  return (name) => {
    if (!/\.(json|ya?ml|toml)$/i.test(name) || readerOf(name)) return false;
    const stems = stemsIn(disk, root, folder);
    const heads = [...name.matchAll(/[-_.]/g)].map(({ index }) => name.slice(0, index));
    return heads.some((head) => stems.has(head) && !isGeneric(head));
  };
}

function matchName(
  listing: Listing,
  accept: (name: string) => boolean,
  isReadable = (name: string): boolean => readerOf(name) !== undefined,
): string[] {
  return [...listing.files].filter((name) => isReadable(name) && accept(name)).map((name) => join(listing.path, name));
}
