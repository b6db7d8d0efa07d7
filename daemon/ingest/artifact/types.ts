import type { ModelFacts } from '../../protocol/artifact.ts';
import type { ManifestFile, NameOrigin } from '../../protocol/model.ts';
import type { StoredDescription } from '../../registry/versions/described-body.ts';

/** The files of one artifact, found by their names. */
export interface FileGroup {
  /** The file that represents the artifact, relative to the folder, with `/`. */
  primary: string;
  /** All files, the primary included, relative to the folder, with `/`, sorted. */
  files: string[];
  /**
   * True if the whole folder is the artifact (a Hugging Face or SavedModel folder): a version's files then keep their relative
   * paths. False for one file, perhaps with companions (external data).
   */
  wholeFolder: boolean;
  /** A sentence while files are missing that the names of the group require: `shard 2 of 3 is missing`. Absent if all exist. */
  missing?: string;
  /** A sentence if it may become part of an artifact that is still being saved, for which it waits a while. */
  awaits?: string;
  /** True if its first bytes alone identify its format. Then its contents must certainly be a model. */
  byContent?: true;
}

/** The files of one artifact on disk. */
export interface ArtifactFiles {
  root: string;
  /** Absolute path of the folder that the group's files are relative to. */
  folder: string;
  group: FileGroup;
  recogniser: string;
  /** Absolute path of the primary file, which identifies the artifact. */
  path: string;
}

/** A file of an artifact on disk, which must lie in its root. */
export interface DiskFile {
  name: string;
  path: string;
  root: string;
  size: number;
}

/** A model's name and its origin. */
export interface GivenName {
  model: string;
  origin: NameOrigin;
}

/** Sizes and times of an artifact's files. Equal texts mean that nothing was written in between. */
export interface Fingerprint {
  text: string;
  size: number;
  /** Time of the last write to any of the files, epoch ms. */
  writtenAt: number;
}

/** An artifact as it was at one moment. */
export interface SeenArtifact {
  files: ArtifactFiles;
  fingerprint: Fingerprint;
}

/** An artifact whose bytes are finished, with the result of its inspection. */
export interface SettledArtifact extends SeenArtifact {
  facts: ModelFacts;
  /** False for a format without an end marker, whose bytes are hashed twice. */
  hasEndMarker: boolean;
  /** Its files, if the blob store has them already. On disk they may have been overwritten since. */
  stored?: ManifestFile[];
  /** Digests of what describes them, if the blob store has that already. */
  described?: StoredDescription;
  /** Earlier saves of the same path that stood for a while and were overwritten before they were decided about. */
  overwritten?: readonly Fingerprint[];
}

/** Compares by time of writing, for sorting: versions are numbered in that order. */
export function byWriteOrder(a: SeenArtifact, b: SeenArtifact): number {
  return a.fingerprint.writtenAt - b.fingerprint.writtenAt || collator.compare(a.files.path, b.files.path);
}

const collator = new Intl.Collator('en', { numeric: true });
