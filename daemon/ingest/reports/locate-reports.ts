import { basename, dirname, join, sep } from 'node:path';
import type { ReportKind } from '../../protocol/lineage.ts';
import { isBelow } from '../../runtime/file-reader.ts';
import { isDescriptiveName, reportKind } from '../../shared/report-files.ts';
import { byText } from '../../shared/text-order.ts';
import { artifactsIn } from '../artifact/files.ts';
import { isGeneric } from '../disk/name-words.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import { acceptedNames, isAlone } from '../run-logs/locate.ts';
import { holdsArtifacts, projectFolders } from '../run-logs/project-logs.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';

/** A file that may be a report of a run. */
export interface LocatedReport {
  path: string;
  /** Folder that its real path must lie in. */
  top: string;
  /** Name within the version: relative to the run, the artifact or the project, with `/`. */
  name: string;
  kind: ReportKind;
  /** True if its place or its name marks it as a report. Otherwise only its writer can. */
  isPlain: boolean;
  /** Sort key: reports by name first, then the ones in higher folders. */
  rank: number;
}

const reportFolders = /^(reports?|plots?|figures?|figs?|charts?|graphs?|results|evals?|evaluation|metrics)$/i;
/** Folders of input data, whose pictures are no reports. */
const dataFolders = /^(data|datasets?|raw|inputs?)$/i;
const checkpointFolder = /^checkpoint[-_]?\d+$/i;
const deepest = 5;
const maxFolders = 500;
/** Unmarked pictures that are considered. Data sets hold many thousands. */
const maxUnmarked = 50;

/** True for a folder in which projects keep figures and measurements. */
export function isReportsFolder(path: string): boolean {
  return reportFolders.test(basename(path));
}

/**
 * Returns the files that may be reports of an artifact: in a run, all pictures and reports below its folder; otherwise those in
 * the artifact's folder, in report folders there, and in those of the project. Sorted by `rank`.
 */
export function locateReports(disk: Disk, artifact: ArtifactFiles, run: string | undefined): LocatedReport[] {
  const own = new Set(artifact.group.files.map((file) => join(artifact.folder, file)));
  const found = [
    ...(run === undefined ? reportsNear(disk, artifact) : ofRun(disk, artifact, run)),
    ...ofProject(disk, artifact),
  ];
  const byPath = new Map<string, LocatedReport>();
  const names = new Set<string>();
  for (const one of found) {
    if (own.has(one.path) || byPath.has(one.path) || names.has(one.name)) continue;
    byPath.set(one.path, one);
    names.add(one.name);
  }
  const all = [...byPath.values()].toSorted(inOrder);
  const plain = all.filter(({ isPlain }) => isPlain);
  return [...plain, ...all.filter(({ isPlain }) => !isPlain).slice(0, maxUnmarked)];
}

function inOrder(a: LocatedReport, b: LocatedReport): number {
  return a.rank - b.rank || byText(a.name, b.name);
}

function ofRun(disk: Disk, artifact: ArtifactFiles, run: string): LocatedReport[] {
  const listing = disk.list(run);
  if (!listing) return [];
  const isOther = (path: string, name: string): boolean =>
    dataFolders.test(name) || (checkpointFolder.test(name) && !isBelow(artifact.folder, path));
  return filesBelow(listing, isOther).flatMap((path) =>
    located(path, { top: artifact.root, base: run, isPlain: true }),
  );
}

/** Returns the paths of the files below a folder, without the folders for which `isLeftOut` is true. */
function filesBelow(listing: Listing, isLeftOut: (path: string, name: string) => boolean): string[] {
  const paths: string[] = [];
  const open = [{ listing, levels: deepest }];
  for (let count = 0; count < maxFolders; count += 1) {
    const next = open.shift();
    if (!next) break;
    for (const name of next.listing.files) if (reportKind(name)) paths.push(join(next.listing.path, name));
    if (next.levels === 0) continue;
    for (const name of next.listing.folders) {
      const child = isLeftOut(join(next.listing.path, name), name) ? undefined : next.listing.child(name);
      if (child) open.push({ listing: child, levels: next.levels - 1 });
    }
  }
  return paths;
}

/** Returns the reports in the artifact's folder, and in the one above if the folder's name is generic, such as `models`. */
function reportsNear(disk: Disk, artifact: ArtifactFiles): LocatedReport[] {
  const { folder, root } = artifact;
  const listing = disk.list(folder);
  if (!listing) return [];
  const accept = acceptedNames(disk, artifact);
  const own = reportsInFolder(disk, artifact, listing, accept);
  const climbs = folder !== root && isGeneric(listing.name) && !/\d/.test(listing.name) && isAlone(disk, artifact);
  const above = climbs ? disk.list(dirname(folder)) : undefined;
  if (!above || artifactsIn(disk, root, above.path).length > 0) return own;
  return [...own, ...reportsInFolder(disk, artifact, above, () => true)];
}

/** Returns the reports in a folder and in its report folders. */
function reportsInFolder(
  disk: Disk,
  artifact: ArtifactFiles,
  listing: Listing,
  accept: (name: string) => boolean,
): LocatedReport[] {
  const place = { top: artifact.root, base: listing.path };
  const files = [...listing.files]
    .filter((name) => reportKind(name) !== undefined && accept(name))
    .map((name) => join(listing.path, name));
  return [
    ...files.flatMap((path) => located(path, { ...place, isPlain: false })),
    ...inReportFolders(disk, artifact, listing).flatMap((path) => located(path, { ...place, isPlain: true })),
  ];
}

function inReportFolders(disk: Disk, artifact: ArtifactFiles, listing: Listing): string[] {
  const folders = [...listing.folders]
    .filter((name) => reportFolders.test(name))
    .map((name) => join(listing.path, name));
  const apart = folders.filter(
    (folder) => !isBelow(artifact.folder, folder) && !holdsArtifacts(disk, artifact, folder),
  );
  return apart.flatMap((folder) => {
    const inner = disk.list(folder);
    return inner ? filesBelow(inner, (path) => holdsArtifacts(disk, artifact, path)) : [];
  });
}

/**
 * Returns the reports that the project keeps apart from its models. Directly in the project's folder, only names that mark a
 * report count.
 */
function ofProject(disk: Disk, artifact: ArtifactFiles): LocatedReport[] {
  return projectFolders(artifact.root).flatMap((place) => {
    const listing = disk.list(place);
    if (!listing) return [];
    const files = place === artifact.folder ? [] : [...listing.files].filter(isDescriptiveName);
    const paths = [...files.map((name) => join(place, name)), ...inReportFolders(disk, artifact, listing)];
    return paths.flatMap((path) => located(path, { top: place, base: place, isPlain: isReportsFolder(dirname(path)) }));
  });
}

function located(
  path: string,
  { top, base, isPlain }: { top: string; base: string; isPlain: boolean },
): LocatedReport[] {
  const kind = reportKind(basename(path));
  if (!kind) return [];
  const name = path.slice(base.length + 1).split(sep);
  const isDescriptive = isDescriptiveName(basename(path));
  const rank = (isDescriptive ? 0 : isPlain ? 100 : 200) + Math.min(name.length, 99);
  return [{ path, top, name: name.join('/'), kind, isPlain: isPlain || isDescriptive, rank }];
}
