import { basename, dirname } from 'node:path';
import type { NameOrigin } from '../../protocol/model.ts';
import { isBelow } from '../../runtime/file-reader.ts';
import { familyStem, folderName, type NamedArtifact } from './families.ts';
import type { GivenNames } from './given-names.ts';
import { isMeaningless } from '../disk/name-words.ts';
import type { NamedProject, Project } from '../disk/project.ts';
import type { Rules } from '../../policy/watch-rules.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { TrackerNames } from './tracker-names.ts';
import type { ArtifactFiles, GivenName } from './types.ts';

const maxNameLength = 200;
const stage = /^(development|staging|production|archived|none)$/i;

/**
 * Returns the name of an artifact's model by its place, in this order: the part of its file's name that all its saves share, if
 * that identifies a model; the nearest folder that is no mere container, or a tracker's name of the job that runs there; the
 * model that it was trained from; the project's name. At most 200 characters of NFC text without control characters and `/ \ @
 * :`, never empty, never a stage.
 */
export function nameByPlace(project: NamedProject, artifact: NamedArtifact, named: TrackerGiven = silent): GivenName {
  const own = artifact.wholeFolder ? '' : familyStem(artifact.primary);
  if (!isMeaningless(own)) return guessed('file', own, artifact.primary);
  const nearest = isBelow(artifact.folder, project.top) ? nameUp(project.top, artifact.folder, named.ofJob) : undefined;
  return nearest ?? named.ofBase() ?? guessed('project', project.name, project.name);
}

/** Names that trackers give to a job, or to the model that an artifact was trained from. */
interface TrackerGiven {
  ofJob(folder: string): GivenName | undefined;
  ofBase(): GivenName | undefined;
}

const silent: TrackerGiven = { ofJob: () => undefined, ofBase: () => undefined };

/** Returns the name of the nearest folder with a job or with a meaningful name. Of the topmost folder only the job counts. */
function nameUp(top: string, folder: string, ofJob: TrackerGiven['ofJob']): GivenName | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const job = ofJob(at);
    if (job) return job;
    if (at === top) return undefined;
    const name = folderName(basename(at));
    if (!isMeaningless(name)) return guessed('folder', name, basename(at));
  }
}

function guessed(by: NameOrigin['by'], model: string, from: string): GivenName {
  return { model: clean(model), origin: { by, from } };
}

/** Everything that determines a name. */
export interface Naming {
  readonly disk: Disk;
  readonly rules: Rules;
  readonly names: Pick<GivenNames, 'projectOf' | 'nameFor' | 'trackerNameFor'>;
  readonly trackers: Pick<TrackerNames, 'ofArtifact' | 'ofJob' | 'ofBase'>;
}

/**
 * Returns the name of an artifact's model and its origin: the one in plinth.yaml, else a tracker's name for this very artifact,
 * else the name of its family's model, else one by its name and place.
 */
export function givenName(naming: Naming, files: ArtifactFiles): GivenName {
  const ruled = nameByRule(naming, files);
  if (ruled) return ruled;
  const given = nameByTracker(naming, files);
  if (given) return { ...given, model: naming.names.trackerNameFor(files, given.model) };
  const guess = guessByPlace(naming, files);
  return { ...guess, model: naming.names.nameFor(files, guess.model) };
}

/** Like `givenName`, but returns the name alone. */
export function nameOf(naming: Naming, files: ArtifactFiles): string {
  return givenName(naming, files).model;
}

/** An artifact on another machine. */
export interface DistantArtifact extends NamedArtifact {
  machine: string;
  /** Its project there. */
  project: Project;
}

/** Like `givenName`, for an artifact on another machine: of that machine's files only the place of this one is known. */
export function distantName(names: Pick<GivenNames, 'freeName'>, artifact: DistantArtifact): GivenName {
  const { machine, project } = artifact;
  const guess = nameByPlace(project, artifact);
  const top = `${machine}:${project.top}`;
  const key = project.key === project.top ? top : project.key;
  return { ...guess, model: names.freeName({ name: project.name, top, key }, guess.model) };
}

/** Like `nameOf`, without the names in the registry: cheap, and the same for all saves of a family. */
export function guessName(naming: Naming, files: ArtifactFiles): string {
  return (nameByRule(naming, files) ?? nameByTracker(naming, files) ?? guessByPlace(naming, files)).model;
}

/** Returns the origin of the name that a model has; undefined if nothing on disk gives that name any more. */
export function originOf(naming: Naming, files: ArtifactFiles, model: string): NameOrigin | undefined {
  const given = givenName(naming, files);
  return given.model === model ? given.origin : undefined;
}

function nameByRule({ rules }: Naming, files: ArtifactFiles): GivenName | undefined {
  const matched = rules.matchRule(files.path, files.root);
  if (matched?.model === undefined) return undefined;
  const { path, file } = matched.source;
  const from = `${path}, watch[${file.watch.indexOf(matched.rule)}]`;
  return { model: clean(matched.model), origin: { by: 'policy', from } };
}

function nameByTracker({ names, trackers }: Naming, files: ArtifactFiles): GivenName | undefined {
  const named = trackers.ofArtifact(files, names.projectOf(files.root, files.folder).top);
  return named && { ...named, model: clean(named.model) };
}

function guessByPlace({ names, trackers }: Naming, files: ArtifactFiles): GivenName {
  const { folder, group, root } = files;
  const project = names.projectOf(root, folder);
  const placed = project.place + folder.slice(root.length);
  const artifact = { folder: placed, primary: group.primary, wholeFolder: group.wholeFolder };
  return nameByPlace(project, artifact, {
    ofJob: (at) => trackers.ofJob(at),
    ofBase: () => trackers.ofBase(files),
  });
}

function clean(name: string): string {
  const text = name.normalize('NFC').toWellFormed();
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\@:]/g, '-').trim();
  const short = plain.slice(0, maxNameLength).toWellFormed().trim();
  if (short === '' || /^\.+$/.test(short)) return 'model';
  return stage.test(short) ? `${short}-model` : short;
}
