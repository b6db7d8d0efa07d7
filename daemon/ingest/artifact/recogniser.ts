import type { Source } from '../../formats/source.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Folder } from '../disk/folder.ts';
import type { FileGroup } from './types.ts';

export type { FileGroup, Folder };

/** Findings from headers, an index or a name pattern. */
interface Naming {
  /** Files that hold parts of the model, relative to the artifact's folder. Without them the artifact is incomplete. */
  named?: readonly string[];
  /**
   * True for an object that prepares a model's input and predicts nothing, such as a scaler or an encoder. It becomes part of the
   * model in its folder.
   */
  companion?: boolean;
}

/** Result of inspecting an artifact. */
export type Inspection = Naming & Look;

type Look =
  /** The format has an end marker, and it is there. */
  | { state: 'whole'; facts: ModelFacts }
  /** It parses, but the format has no end marker: quiet time and a second digest decide. */
  | { state: 'unmarked'; facts: ModelFacts }
  /** More bytes are needed, because it is being written or was cut off. `reason` is a sentence. */
  | { state: 'partial'; reason: string }
  /** No model, whatever its name. `reason` is a sentence; `content` is the recogniser that its first bytes call for. */
  | { state: 'foreign'; reason: string; content?: string }
  /** It looks like a model and cannot be read. `reason` is a sentence. */
  | { state: 'unreadable'; reason: string };

/** Opens a file of the artifact by its path relative to the folder; undefined if it does not exist or cannot be read. */
export type OpenFile = (relativePath: string) => Source | undefined;

/** An ending of a format's file names. */
export interface FileEnding {
  /** Lower case with its dot, compared without case. May have two parts: `.weights.h5`. */
  ending: string;
  /** If a model is saved in several formats under one stem, the one with the lowest rank represents it, as it loads most directly. */
  loadRank: number;
  /** For an ending that other programs use, too: returns true if a file of this name, in a folder of this name, may be a model. */
  mayBeModel?(name: string, folder: string): boolean;
  /** For an ending that many programs use: the file is a model only if its first bytes show it, unless its name says more. */
  byContent?: true;
}

/** Recognises one model format. One file a format in `recognisers/`, one line each in `recognisers.ts`; formats are listed nowhere else. */
export interface Recogniser {
  /** Stable name, stored with the artifacts that it recognised. */
  readonly name: string;
  /** Endings of its single files; empty for formats of whole folders. All lists of endings are derived from these. */
  readonly endings: readonly FileEnding[];
  /** First step: returns the artifacts in a folder by names alone. Cheap, as every scan calls it for every folder. */
  findGroups(folder: Folder): FileGroup[];
  /** Second step: reads headers, and returns the files that they name. Never throws for contents. Runs in a worker thread. */
  inspect(group: FileGroup, open: OpenFile): Inspection;
}
