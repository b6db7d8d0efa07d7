import { relative, sep } from 'node:path';
import { familyStem, folderName, type NamedArtifact } from './families.ts';
import type { GivenNames } from './given-names.ts';
import { isMeaningless } from './name-words.ts';
import type { NamedProject } from './project.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import type { Disk } from '../watch/folder-cache.ts';
import type { ArtifactFiles } from './types.ts';

const maxNameLength = 200;
const stage = /^(development|staging|production|archived|none)$/i;

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
  readonly names: Pick<GivenNames, 'projectOf' | 'nameFor'>;
}

/** The model that an artifact is a version of: by plinth.yaml where that names one, else as its family is called, else by its name and place. */
export function nameOf(naming: Naming, files: ArtifactFiles): string {
  const guess = guessName(naming, files);
  return naming.rules.matchRule(files.path, files.root)?.model === undefined
    ? naming.names.nameFor(files, guess)
    : guess;
}

/** As `nameOf`, without what the registry calls it: cheap, and the same for all savings of a family. */
export function guessName({ rules, names }: Naming, files: ArtifactFiles): string {
  const ruled = rules.matchRule(files.path, files.root)?.model;
  const { folder, group } = files;
  const project = names.projectOf(files.root);
  const placed = project.place + folder.slice(files.root.length);
  const artifact = { folder: placed, primary: group.primary, wholeFolder: group.wholeFolder };
  return modelName(project, artifact, ruled);
}

/** Names of the folders below the project's own, down to the artifact's. */
function foldersBelow(top: string, folder: string): string[] {
  const names = relative(top, folder).split(sep);
  return names[0] === '' || names[0] === '..' ? [] : names;
}

function clean(name: string): string {
  const text = name.normalize('NFC').toWellFormed();
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\@:]/g, '-').trim();
  const short = plain.slice(0, maxNameLength).toWellFormed().trim();
  if (short === '' || /^\.+$/.test(short)) return 'model';
  return stage.test(short) ? `${short}-model` : short;
}
