import { join } from 'node:path';
import { byText } from '../../shared/text-order.ts';
import { statAt } from '../../runtime/file-reader.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { mayNeedFirstBytes } from '../artifact/file-types.ts';
import { artifactsAbove, artifactsIn } from '../artifact/files.ts';
import type { Inspector } from './inspector.ts';
import { isTrainerState } from '../artifact/recognisers/single-file.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

export interface UnclaimedParts {
  readonly disk: Disk;
  readonly inspector: Pick<Inspector, 'firstBytes'>;
}

export interface Looked {
  artifacts: ArtifactFiles[];
  /** The first file that was not inspected, because there are too many; undefined if all were. */
  beyond: string | undefined;
}

/** Unclaimed files of one folder that are inspected. */
export const maxLooked = 200;

/** A folder of more texts than this, without a sign of models, holds data: labels, transcripts, logs. */
const maxTexts = 50;

/** True for endings of text files. Boosters are saved as text under any name, but most texts are something else. */
function isText(name: string): boolean {
  return /\.(txt|json)$/i.test(name);
}

/** Names of files that are never models. */
const otherName =
  /\.(csv|tsv|log|md|rst|ya?ml|toml|ini|cfg|conf|png|jpe?g|gif|svg|webp|bmp|tiff?|pdf|html?|css|js|ts|py|pyc|ipynb|r|rmd|sh|bat|c|h|cpp|java|jsonl|ndjson|parquet|feather|arrow|avro|orc|xlsx?|docx?|pptx?|gz|bz2|xz|7z|rar|whl|wav|mp[34]|avi|mov|tfrecords?|npy|npz|db|sqlite|out|err|pid|gitignore|gitattributes|dvc|lock|map|tfevents)$|tfevents|^(readme|license|notice|makefile|dockerfile|requirements.*\.txt)$/i;

/** Folders in which a file of any ending may be a model: `model/ctr.txt`. */
const modelFolder = /^((saved|trained)[-_]?)?models?$|^(boosters?|weights|checkpoints?)$/i;

/** Names in content stores (DVC's, git's, the Hub's cache), which name files by digest. The same content has its proper name elsewhere. */
const contentName = /^[0-9a-f]{30,}(\.dir)?$/i;

/**
 * Inspects the first bytes of files that no name claims, once each: all files in a folder that holds models, otherwise those of
 * the usual endings.
 */
export async function inspectUnclaimed(
  { disk, inspector }: UnclaimedParts,
  root: string,
  listing: Listing,
  artifacts: readonly ArtifactFiles[],
): Promise<Looked> {
  const holdsModels = artifacts.length > 0 || modelFolder.test(listing.name);
  const known = new Set(artifacts.flatMap(({ group }) => group.files));
  const unclaimed = [...listing.files].filter((name) => !known.has(name) && isWorthALook(name, holdsModels));
  const hasManyTexts = !holdsModels && unclaimed.filter(isText).length > maxTexts;
  const names = hasManyTexts ? unclaimed.filter((name) => !isText(name)) : unclaimed;
  if (names.length === 0) return { artifacts: [], beyond: undefined };
  const above = new Set(
    artifactsAbove(disk, root, listing.path).flatMap(({ folder, group }) =>
      group.files.map((file) => join(folder, file)),
    ),
  );
  const free = names.filter((name) => !above.has(join(listing.path, name))).toSorted(byText);
  const isNew = (name: string): boolean =>
    disk.contentOf(join(listing.path, name)) === undefined && !isEmpty(listing, name);
  const looked = await firstBytes({ disk, inspector }, root, listing, free.slice(0, maxLooked).filter(isNew));
  const paths = new Set(looked.map((name) => join(listing.path, name)));
  const found = paths.size === 0 ? [] : artifactsIn(disk, root, listing.path).filter(({ path }) => paths.has(path));
  const beyond = free[maxLooked];
  return { artifacts: [...found], beyond: beyond === undefined ? undefined : join(listing.path, beyond) };
}

function isWorthALook(name: string, holdsModels: boolean): boolean {
  if (isTrainerState(name) || contentName.test(name)) return false;
  return mayNeedFirstBytes(name) || (holdsModels && !otherName.test(name));
}

function isEmpty(listing: Listing, name: string): boolean {
  return (statAt(join(listing.path, name))?.size ?? 0) === 0;
}

/**
 * Reads first bytes, records the findings, and returns the names of models. A text or a file of an unusual ending is inspected
 * only once, even if it grows.
 */
async function firstBytes(
  { disk, inspector }: UnclaimedParts,
  root: string,
  { path }: Listing,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const found = Object.entries(await inspector.firstBytes(root, path, names));
  for (const [name, recogniser] of found)
    disk.noteContent(join(path, name), recogniser, recogniser === '' && (isText(name) || !mayNeedFirstBytes(name)));
  return found.filter(([, recogniser]) => recogniser !== '').map(([name]) => name);
}
