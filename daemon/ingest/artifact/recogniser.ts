import type { Source } from '../../formats/source.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { FileGroup } from './types.ts';

/** One folder of a watched root, by names only. */
export interface Folder {
  /** Absolute path. */
  readonly path: string;
  /** Base name. */
  readonly name: string;
  /** Base names of the regular files directly in it. */
  readonly files: ReadonlySet<string>;
  /** Base names of the folders directly in it. */
  readonly folders: ReadonlySet<string>;
  /** The listing of a folder directly in it; undefined when it cannot be listed. Reads the disk: ask only when the names say it is worth it. */
  child(name: string): Folder | undefined;
}

export type { FileGroup };

/** Read from headers, an index or a pattern. */
interface Naming {
  /** Files relative to the artifact's folder that hold some of the model: all belong to the artifact, which is not whole without them. */
  named?: readonly string[];
  /** It prepares the input of a model and predicts nothing, as scalers and encoders do: it belongs to the model beside it. */
  companion?: boolean;
}

/** How an artifact's bytes look now. */
export type Inspection = Naming & Look;

type Look =
  /** The format marks its end and the end is there. */
  | { state: 'whole'; facts: ModelFacts }
  /** It parses, but the format has no end mark: quiet time and a second digest must tell. */
  | { state: 'unmarked'; facts: ModelFacts }
  /** More bytes are needed: a writer is at work, or was cut. `reason` is a sentence. */
  | { state: 'partial'; reason: string }
  /** Not a model at all whatever its name says. `reason` is a sentence, `content` the recogniser that its first bytes call for. */
  | { state: 'foreign'; reason: string; content?: string }
  /** It looks like a model and cannot be read here, or not by us. `reason` is a sentence. */
  | { state: 'unreadable'; reason: string };

/** Opens a file of the artifact by its path relative to the artifact's folder; undefined when it is not there or not readable. */
export type OpenFile = (relativePath: string) => Source | undefined;

/** How the names of a format's files end. */
export interface FileEnding {
  /** Lower case, with its dot; case never matters in names. May have two parts: `.weights.h5`. */
  ending: string;
  /** Of a model saved in several formats under one stem, the file with the lowest rank stands for it: it loads most directly. */
  loadRank: number;
  /** For an ending that other programs use too: whether a file of this name, in a folder of this name, may be a model. */
  mayBeModel?(name: string, folder: string): boolean;
  /** Too common to say anything: a file of this ending, where its name does not say more, is a model only by its first bytes. */
  byContent?: true;
}

/** Says what an artifact is. One file a format in `recognisers/`, one line each in `recognisers.ts`; nothing else lists formats. */
export interface Recogniser {
  /** Stable name, stored with what it recognised. */
  readonly name: string;
  /** Endings of its single files; none where a folder as such is the artifact. All lists of endings are derived from these. */
  readonly endings: readonly FileEnding[];
  /** First step: the artifacts it sees in a folder by names alone. Cheap: called for every folder at every scan. */
  findGroups(folder: Folder): FileGroup[];
  /** Second step: reads headers, and says which files they name. Never throws for what the files contain. Runs in a worker thread. */
  inspect(group: FileGroup, open: OpenFile): Inspection;
}
