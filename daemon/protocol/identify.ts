import type { VersionState } from './model.ts';

/** A version with the same bytes as a file or folder. */
export interface IdentifiedVersion {
  /** `churn@7` */
  reference: string;
  model: string;
  number: number;
  state: VersionState;
  stage: string;
  /** `whole`: all files of the version; `file`: one of several. */
  as: 'whole' | 'file';
  /** The matching file of the version; the primary one for the whole. */
  file: string;
}

export interface IdentifyReply {
  /** Absolute. */
  path: string;
  /** Digest of the file; null for a folder, and if no version has a file of its size, so that it was not hashed. */
  digest: string | null;
  /** Whole matches first, then the newest. */
  matches: IdentifiedVersion[];
  /** One sentence. */
  sentence: string;
}
