import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { lstatSync, readdirSync } from 'node:fs';
import { artifactAt, type ArtifactRow } from '../../db/artifacts.ts';
import type { Database } from '../../db/database.ts';
import { modelByName } from '../../db/models.ts';
import { RegistryError, systemCode } from '../../errors.ts';
import type { ModelFacts, TokenizerReply } from '../../protocol/artifact.ts';
import { listFolder } from '../disk/list-folder.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { Inspector } from './inspector.ts';
import type { ReplyOf } from '../../protocol/routes.ts';
import { statAt } from '../../runtime/file-reader.ts';
import { referenceTo } from '../../shared/references.ts';
import { artifactAtPath, artifactsOf } from '../artifact/files.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import { completeWithNamedFiles } from '../artifact/named-files.ts';
import { givenName, type Naming } from '../artifact/naming.ts';
import type { ArtifactFiles, DiskFile, SettledArtifact } from '../artifact/types.ts';

/** Returns the artifact at a path that the user named. Any file or folder can be one. */
export function filesAtPath(disk: Disk, root: string, path: string): ArtifactFiles {
  if (kindOf(path) === 'folder') return filesOfFolder(disk, root, path);
  return artifactAtPath(disk, root, path) ?? plainFile(root, path);
}

/** Inspects a file or folder by its headers, watched or not. Registers nothing. */
export async function inspectPath(
  parts: PathInspection & Naming & { readonly db: Database; rootOf(path: string): string | undefined },
  path: string,
): Promise<ReplyOf<'GET /inspect'>> {
  const root = kindOf(path) === 'folder' ? path : dirname(path);
  const files = await byContent(parts, filesAtPath(parts.disk, root, path));
  const fingerprint = fingerprintOf(files);
  const size = fingerprint?.size ?? 0;
  const row = artifactAt(parts.db, files.path);
  const registered = fingerprint ? registeredAs(row, fingerprint.text) : null;
  const named = row?.model ?? givenName(parts, { ...files, root: parts.rootOf(path) ?? dirname(root) }).model;
  const known = { size, registered, model: modelByName(parts.db, named)?.name ?? null };
  const unknown = 'No recogniser knows its name or its first bytes.';
  if (files.recogniser === '') return { ...known, facts: null, problem: unknown };
  const found = await parts.inspector.inspect(files);
  if ('facts' in found) return { ...known, facts: found.facts, problem: null };
  return { ...known, facts: null, problem: found.reason };
}

/** Reads the tokenizer of the artifact at a path. */
export async function tokenizerAt(
  parts: { readonly disk: Disk; readonly inspector: Pick<Inspector, 'tokenizer'> },
  path: string,
): Promise<TokenizerReply> {
  const root = kindOf(path) === 'folder' ? path : dirname(path);
  return parts.inspector.tokenizer(filesAtPath(parts.disk, root, path));
}

/** Returns the files of the artifact at a path, those that its headers name included, the primary one first. */
export async function diskFilesAt(parts: PathInspection, path: string): Promise<DiskFile[]> {
  const root = kindOf(path) === 'folder' ? path : dirname(path);
  const files = await byContent(parts, filesAtPath(parts.disk, root, path));
  const found = files.recogniser === '' ? undefined : await parts.inspector.inspect(files);
  const { folder, group } = (found && completeWithNamedFiles(parts.disk, files, found)) ?? files;
  const names = [group.primary, ...group.files.filter((name) => name !== group.primary)];
  return names.flatMap((name) => {
    const own = join(folder, name);
    const stats = statAt(own);
    return stats ? [{ name, path: own, root, size: stats.size }] : [];
  });
}

/** Returns the version that an artifact in a watched folder became, if its files are unchanged: path, size, time and inode. */
function registeredAs(row: ArtifactRow | undefined, fingerprint: string): string | null {
  if (!row || row.fingerprint !== fingerprint || row.model === null || row.version === null) return null;
  return row.state === 'registered' || row.state === 'duplicate' ? referenceTo(row.model, row.version) : null;
}

/** Distinguishes files from folders. Throws `not-found`, or `invalid-request` for anything else. */
export function kindOf(path: string): 'file' | 'folder' {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return 'folder';
    if (stats.isFile()) return 'file';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new RegistryError('not-found', `${path} does not exist. Check the path.`);
    throw new RegistryError(
      'invalid-request',
      `${path} cannot be read (${systemCode(error) ?? 'unknown error'}). Check its permissions.`,
    );
  }
  throw new RegistryError(
    'invalid-request',
    `${path} is not a regular file or folder. Links are not followed; give the path of the target.`,
  );
}

const maxFiles = 10_000;

/** Returns a folder as one artifact. Its recogniser is that of its only artifact, if there is just one. */
function filesOfFolder(disk: Disk, root: string, path: string): ArtifactFiles {
  const listing = listFolder(path);
  const artifacts = listing ? artifactsOf(disk, root, listing) : [];
  const whole = artifacts.find(({ group }) => group.wholeFolder);
  if (whole) return whole;
  const files = filesBelow(path);
  if (files.length === 0)
    throw new RegistryError(
      'invalid-request',
      `${path} contains no files. Give the path of a model file or of a folder with files.`,
    );
  if (files.length > maxFiles)
    throw new RegistryError(
      'too-large',
      `${path} contains more than ${maxFiles} files. Give the folder of the model itself.`,
    );
  const primary = artifacts[0]?.group.primary ?? files[0] ?? '';
  const recogniser = artifacts.length === 1 ? (artifacts[0]?.recogniser ?? '') : '';
  return { root, folder: path, group: { primary, files, wholeFolder: true }, recogniser, path: join(path, primary) };
}

/** Returns sorted paths relative to the folder; stops after `maxFiles`. */
function filesBelow(folder: string): string[] {
  const files: string[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && files.length <= maxFiles; at = folders.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(relative(folder, path).split(sep).join('/'));
    }
  }
  return files.sort();
}

function plainFile(root: string, path: string): ArtifactFiles {
  const primary = basename(path);
  return {
    root,
    folder: dirname(path),
    group: { primary, files: [primary], wholeFolder: false },
    recogniser: '',
    path,
  };
}

export interface PathInspection {
  readonly disk: Disk;
  readonly inspector: Pick<Inspector, 'inspect' | 'firstBytes'>;
}

/** Adds the recogniser that the first bytes call for to a file that no name claims. */
async function byContent({ inspector }: PathInspection, files: ArtifactFiles): Promise<ArtifactFiles> {
  if (files.recogniser !== '' || files.group.wholeFolder) return files;
  const found = await inspector.firstBytes(files.root, files.folder, [files.group.primary]);
  return { ...files, recogniser: found[files.group.primary] ?? '' };
}

/**
 * Returns a finished artifact with all files that its headers name; with unknown facts if no recogniser knows it. Throws
 * `not-found`, or `invalid-request` while it is being written.
 */
export async function settledAtPath(parts: PathInspection, asked: ArtifactFiles): Promise<SettledArtifact> {
  const files = await byContent(parts, asked);
  const fingerprint = fingerprintOf(files);
  if (!fingerprint) throw new RegistryError('not-found', `${files.path} was removed during the scan.`);
  const plain = { wholeFolder: files.group.wholeFolder, path: files.path };
  if (files.recogniser === '') return { files, fingerprint, facts: unknownFacts(plain), hasEndMarker: false };
  const found = await parts.inspector.inspect(files);
  const whole = completeWithNamedFiles(parts.disk, files, found);
  if (whole) return settledAtPath(parts, whole);
  if ('facts' in found) return { files, fingerprint, facts: found.facts, hasEndMarker: found.state === 'whole' };
  if (found.state === 'foreign' && found.content !== undefined && found.content !== files.recogniser)
    return settledAtPath(parts, { ...files, recogniser: found.content });
  if (found.state === 'foreign') return { files, fingerprint, facts: unknownFacts(plain), hasEndMarker: false };
  throw new RegistryError('invalid-request', `${files.path} cannot be registered: ${found.reason}`);
}

/** Returns the facts of files that no recogniser knows. */
export function unknownFacts({ wholeFolder, path }: { wholeFolder: boolean; path: string }): ModelFacts {
  return {
    framework: 'unknown',
    frameworkVersion: null,
    format: wholeFolder ? 'folder' : extname(path).slice(1) || 'file',
    modelClass: null,
    parameterCount: null,
    tensors: [],
    tensorsTotal: 0,
    pickle: null,
    signature: null,
    params: {},
    metrics: {},
    epoch: null,
    step: null,
    metadata: {},
    problems: [],
  };
}
