import { relative, sep } from 'node:path';
import { stemOf } from './file-types.ts';
import { withoutDifferences } from './name-differences.ts';
import { isMeaningless } from './name-words.ts';
import { projectOf, type NamedProject } from './project.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import type { Disk } from '../watch/folder-cache.ts';
import type { ArtifactFiles } from './types.ts';

const maxNameLength = 200;
const stage = /^(development|staging|production|archived|none)$/i;

/** Endings of packed files, which say nothing of the model. */
const packed = /\.(gz|gzip|z|zlib|bz2|xz|lzma|lz4|zip)$/i;

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
 * The name of the model that an artifact is a version of: `ruled`, where a rule of the user's says it; what its file has in common
 * with other savings of it, where that means something; else the nearest folder that is no mere container; else the project's name.
 * At most 200 characters of NFC text without control characters and `/ \ @ :`, never empty, never a stage.
 */
export function modelName(project: NamedProject, artifact: NamedArtifact, ruled?: string): string {
  if (ruled !== undefined) return clean(ruled);
  const own = artifact.wholeFolder ? '' : familyStem(artifact.primary);
  if (!isMeaningless(own)) return clean(own);
  const folder = foldersBelow(project.top, artifact.folder)
    .map(folderName)
    .findLast((name) => !isMeaningless(name));
  return clean(folder ?? project.name);
}

/** What decides about a name. */
export interface Naming {
  readonly disk: Disk;
  readonly rules: Rules;
}

/** The model that an artifact is a version of: by plinth.yaml where that names one, else by its name and place. */
export function nameOf({ rules }: Naming, files: ArtifactFiles): string {
  const ruled = rules.matchRule(files.path, files.root)?.model;
  const { folder, group } = files;
  const artifact = { folder, primary: group.primary, wholeFolder: group.wholeFolder };
  return modelName(projectOf(files.root), artifact, ruled);
}

/** Names of the folders below the project's own, down to the artifact's. */
function foldersBelow(top: string, folder: string): string[] {
  const names = relative(top, folder).split(sep);
  return names[0] === '' || names[0] === '..' ? [] : names;
}

/** A folder's name without what tells its savings apart, and without a last word that says what it holds: `ner_output`. */
function folderName(name: string): string {
  if (isMeaningless(name)) return name;
  const family = withoutDifferences(name);
  const rest = family.replace(/[-_. ](outputs?|results|checkpoints|ckpts|runs|logs|artifacts|exports)$/i, '');
  return isMeaningless(rest) ? family : rest;
}

/** What a file's name says of its model: without endings and without what tells savings of one model apart. */
function familyStem(primary: string): string {
  const stem = stripAll(primary, (name) => stemOf(strip(name, packed)));
  return isMeaningless(stem) ? '' : withoutDifferences(stem);
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
