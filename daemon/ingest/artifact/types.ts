import type { ModelFacts } from '../../protocol/artifact.ts';
import type { ManifestFile, NameOrigin } from '../../protocol/model.ts';

/** The files that one version would be made of, found by their names. */
export interface FileGroup {
  /** The file that stands for the artifact, relative to the folder, with `/`. */
  primary: string;
  /** All files, the primary included, relative to the folder, with `/`, sorted. */
  files: string[];
  /**
   * True when the folder as such is the artifact (a Hugging Face or SavedModel folder): the files of one
   * version then keep their relative paths. False when the group is one file with perhaps companions (external data).
   */
  wholeFolder: boolean;
  /** Said while files that the names of the group promise are not there yet: `shard 2 of 3 is missing`. Absent when all are. */
  missing?: string;
  /** Said where it perhaps belongs to an artifact that is still being saved: it waits for that a while. */
  awaits?: string;
  /** Its first bytes alone say what it is, and its name does not: what it holds must be a model beyond doubt. */
  byContent?: true;
}

/** The files of one artifact, where they are on disk. */
export interface ArtifactFiles {
  root: string;
  /** Absolute path of the folder that the files of the group are relative to. */
  folder: string;
  group: FileGroup;
  recogniser: string;
  /** Absolute path of the primary file: it identifies the artifact. */
  path: string;
}

/** A model's name and where it comes from. */
export interface GivenName {
  model: string;
  origin: NameOrigin;
}

/** Sizes and times of an artifact's files in one text: equal texts mean that nothing was written in between. */
export interface Fingerprint {
  text: string;
  size: number;
  /** When the newest of the files was last written, epoch ms. */
  writtenAt: number;
}

/** An artifact as it was seen at one moment. */
export interface SeenArtifact {
  files: ArtifactFiles;
  fingerprint: Fingerprint;
}

/** An artifact whose bytes are finished, as it was inspected. */
export interface SettledArtifact extends SeenArtifact {
  facts: ModelFacts;
  /** False where the format has no end marker: the bytes are then hashed twice. */
  hasEndMarker: boolean;
  /** Its files, where their bytes are owned already: they may have been overwritten since. */
  stored?: ManifestFile[];
  /** Earlier saves of the same path that stood for a while, and were overwritten before anything was decided about them. */
  overwritten?: readonly Fingerprint[];
}

/** Versions are numbered in the order in which their files were written. For sorting. */
export function byWriteOrder(a: SeenArtifact, b: SeenArtifact): number {
  return a.fingerprint.writtenAt - b.fingerprint.writtenAt || collator.compare(a.files.path, b.files.path);
}

const collator = new Intl.Collator('en', { numeric: true });
