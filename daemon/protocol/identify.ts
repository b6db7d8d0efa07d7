import type { VersionState } from './model.ts';

/** A version that a file or folder is, or is a part of. */
export interface IdentifiedVersion {
  /** `churn@7` */
  reference: string;
  model: string;
  number: number;
  state: VersionState;
  stage: string;
  /** `whole`: all files of the version; `file`: one of several. */
  as: 'whole' | 'file';
  /** The file of the version that it is; its primary one where it is the whole. */
  file: string;
}

export interface IdentifyReply {
  /** Absolute. */
  path: string;
  /** Of the file; null of a folder, and where no version has a file of its size and nothing had to be hashed. */
  digest: string | null;
  /** Whole ones first, the newest first. */
  matches: IdentifiedVersion[];
  /** One sentence. */
  sentence: string;
}
