/** Reply to a change: the event that made it. */
export interface Changed {
  seq: number;
  hash: string;
}

export interface Page<T> {
  items: T[];
  /** Pass as `cursor` for the next page; null on the last one. */
  next: string | null;
  /** Number of the log's last event when the page was read. */
  seq: number;
}

export interface Paged {
  cursor?: string | undefined;
  limit?: number | undefined;
}

export interface OfModel {
  model: string;
}

export interface OfVersion {
  model: string;
  /** A number, `v7`, a stage, an alias or `latest`. */
  version: string;
}

export interface Reasoned {
  reason?: string | undefined;
}

/** Identifies a pointer: a stage or an alias. */
export interface PointerRequest {
  stage?: string | undefined;
  alias?: string | undefined;
}
