import { isObject } from '../../protocol/json.ts';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { isBelow, openWithin, readWhole } from '../../runtime/file-reader.ts';
import { artifactsIn } from '../artifact/files.ts';
import { isGeneric } from '../disk/name-words.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import { projectPlaces } from '../executions/projects.ts';
import type { Disk } from '../disk/folder-cache.ts';
import { readerOf } from './cache.ts';

const reportFolders = /^(reports?|results|eval|evals|evaluation|metrics)$/i;
const maxDvcBytes = 256 * 1024;

/** True for folders in which projects keep metrics apart from their models. */
export function isReportFolder(path: string): boolean {
  return reportFolders.test(basename(path));
}

/**
 * Returns the run logs that an artifact's project keeps apart from it: in its report folders, and those that its dvc.yaml lists
 * as metrics. The caller decides whether they are of this artifact. `accept`: names that may be.
 */
export function projectLogs(disk: Disk, artifact: ArtifactFiles, accept: (name: string) => boolean): string[] {
  return projectFolders(artifact.root).flatMap((folder) => {
    const listing = disk.list(folder);
    if (!listing) return [];
    const reports = [...listing.folders].filter((name) => reportFolders.test(name)).map((name) => join(folder, name));
    const apart = reports.filter(
      (folder) => !isBelow(artifact.folder, folder) && !holdsArtifacts(disk, artifact, folder),
    );
    const named = apart.flatMap((folder) =>
      [...(disk.list(folder)?.files ?? [])]
        .filter((name) => readerOf(name) && accept(name))
        .map((name) => join(folder, name)),
    );
    return [...named, ...(listing.files.has('dvc.yaml') ? dvcMetrics(disk, folder) : [])];
  });
}

/**
 * Returns the folders of the project around a watched folder. Above it, only a repository is certainly the project, or the parent
 * of a folder with a generic name such as `outputs`.
 */
export function projectFolders(root: string): string[] {
  const isSure = (folder: string): boolean => folder === root || existsSync(join(folder, '.git'));
  return projectPlaces(root).places.filter((folder) => isSure(folder) || isGeneric(basename(root)));
}

export function holdsArtifacts(disk: Disk, { root }: ArtifactFiles, folder: string): boolean {
  return artifactsIn(disk, root, folder).length > 0;
}

/**
 * Returns the files that a dvc.yaml lists under `metrics`, at the top and in its stages. Source:
 * dvc.org/doc/user-guide/project-structure/dvcyaml-files
 */
function dvcMetrics(disk: Disk, folder: string): string[] {
  const document = documentAt(join(folder, 'dvc.yaml'), folder);
  if (!isObject(document)) return [];
  const stages = isObject(document['stages']) ? Object.values(document['stages']).filter(isObject) : [];
  const placed = [document, ...stages].flatMap((part) => {
    const base = typeof part['wdir'] === 'string' ? join(folder, part['wdir']) : folder;
    return namesIn(part['metrics']).map((name) => join(base, name));
  });
  return placed.filter(
    (path) => !relative(folder, path).startsWith('..') && disk.list(dirname(path))?.files.has(basename(path)) === true,
  );
}

/** Returns the names in a list of `- metrics.json` or `- metrics.json: {cache: false}`. */
function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    typeof entry === 'string' ? [entry] : isObject(entry) ? Object.keys(entry).slice(0, 1) : [],
  );
}

function documentAt(path: string, folder: string): unknown {
  try {
    const text = readWhole(openWithin(path, folder), maxDvcBytes).toString('utf8');
    return parse(text, { maxAliasCount: 10, logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
}
