import { basename, join } from 'node:path';
import { readLog } from '../../formats/containers/leveldb-log.ts';
import {
  checkWandbHeader,
  readWandbArtifact,
  readWandbRecord,
  wandbHeader,
  type WandbArtifact,
} from '../../formats/containers/wandb.ts';
import { ByteWindow } from '../../formats/window.ts';
import { statAt } from '../../runtime/file-reader.ts';
import type { Listing } from '../disk/list-folder.ts';
import { openSource } from './file-source.ts';
import { isMeaningless } from '../disk/name-words.ts';
import type { ArtifactFiles, GivenName } from './types.ts';

/** Reads names from the logs of W&B's runs. A log that cannot be read names nothing. */

/** Returns the project of W&B's newest run in this folder, or of the run whose folder this is; undefined for none. */
export function wandbProject(
  folder: string,
  { files, folders }: Listing,
  list: (path: string) => Listing | undefined,
): GivenName | undefined {
  const own = [...files].find((name) => isWandbLog(name));
  if (own !== undefined) return projectIn(join(folder, own));
  const newest = newestRuns(folders, folder, list).at(-1);
  return newest === undefined ? undefined : projectIn(newest);
}

const runName = /^(offline-)?run-\d{8}_\d{6}-/;

/** Lists the logs of the runs in a folder's `wandb`, the newest last. */
function newestRuns(
  folders: ReadonlySet<string>,
  folder: string,
  list: (path: string) => Listing | undefined,
): string[] {
  const store = join(folder, 'wandb');
  const runs = folders.has('wandb') ? [...(list(store)?.folders ?? [])].filter((name) => runName.test(name)) : [];
  return runs
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .slice(-maxRuns)
    .flatMap((run) => {
      const log = [...(list(join(store, run))?.files ?? [])].find(isWandbLog);
      return log === undefined ? [] : [join(store, run, log)];
    });
}

const maxRuns = 5;

function isWandbLog(name: string): boolean {
  return /^run-.+\.wandb$/.test(name);
}

function timeOf(run: string): number {
  return Number(/\d{8}_\d{6}/.exec(run)?.[0].replace('_', '') ?? 0);
}

const maxRecords = 20;

/** Returns the project in a W&B log, which records the run near its start; undefined for none. */
function projectIn(path: string): GivenName | undefined {
  try {
    const source = openSource(path, path);
    try {
      checkWandbHeader(source);
      let left = maxRecords;
      for (const logged of readLog(source, wandbHeader)) {
        if (logged.kind === 'bad' || left-- === 0) return undefined;
        const { project } = readWandbRecord(ByteWindow.over(logged.bytes), logged.from, logged.to);
        if (project !== '') return { model: project, origin: { by: 'tracker', from: path } };
      }
    } finally {
      source.close();
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** A model that a run logged as an artifact, and the log that says so. */
export interface LoggedModel {
  artifact: WandbArtifact;
  log: string;
}

/** Artifacts are logged late: of a longer log only the end is read. Whole blocks of 32 KiB. */
const tailBytes = 256 * 1024;
const blockBytes = 32 * 1024;

const known = new Map<string, { size: number; models: LoggedModel[] }>();
const maxKnown = 200;

/** Returns the models that W&B's newest runs in this folder logged as artifacts, by names that say which model it is. */
export function wandbModels(
  folder: string,
  { folders }: Listing,
  list: (path: string) => Listing | undefined,
): LoggedModel[] {
  return newestRuns(folders, folder, list).flatMap((log) => modelsIn(log));
}

function modelsIn(log: string): LoggedModel[] {
  const size = statAt(log)?.size ?? 0;
  const before = known.get(log);
  if (before?.size === size) return before.models;
  if (known.size >= maxKnown) known.clear();
  const models = artifactsIn(log)
    .filter(({ type, name }) => type === 'model' && !isMeaningless(name))
    .map((artifact) => ({ artifact, log }));
  known.set(log, { size, models });
  return models;
}

function artifactsIn(log: string): WandbArtifact[] {
  const found: WandbArtifact[] = [];
  try {
    const source = openSource(log, log);
    try {
      checkWandbHeader(source);
      const start = Math.floor((source.size - tailBytes) / blockBytes) * blockBytes;
      for (const logged of readLog(source, Math.max(wandbHeader, start))) {
        if (logged.kind === 'bad') continue;
        const artifact = readWandbArtifact(ByteWindow.over(logged.bytes), logged.from, logged.to);
        if (artifact) found.push(artifact);
      }
    } finally {
      source.close();
    }
  } catch {
    return found;
  }
  return found;
}

/** Returns the name under which one of the models was logged that has the artifact's file, by name and size; undefined for none or several names. */
export function loggedName(
  models: readonly LoggedModel[],
  { path, folder, group }: ArtifactFiles,
): GivenName | undefined {
  if (models.length === 0) return undefined;
  const size = statAt(path)?.size;
  const inner = group.wholeFolder ? group.primary : basename(path);
  const isIt = ({ artifact }: LoggedModel): boolean =>
    artifact.files.some(
      (file) => file.size === size && (file.path === inner || file.path === join(basename(folder), inner)),
    );
  const found = models.filter(isIt);
  const names = new Set(found.map(({ artifact }) => artifact.name));
  const [last] = found.toReversed();
  return last && names.size === 1
    ? { model: last.artifact.name, origin: { by: 'tracker', from: last.log } }
    : undefined;
}
