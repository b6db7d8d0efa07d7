/** One thing that is not as it should be: what and where, how it is, and what to do. */
export interface VerifyFault {
  subject: string;
  detail: string;
  /** One sentence. */
  fix?: string;
}

/** A place in the log: an event's number and its chain hash, 64 hex digits. A receipt holds one. */
export interface LogHead {
  seq: number;
  hash: string;
}

export interface VerifyReply {
  /** Nothing is wrong, and everything was looked at. */
  ok: boolean;
  events: number;
  /** Chain hash of the last event, hex. */
  head: string;
  /** Number of the last event. */
  headSeq: number;
  versions: number;
  /** Files of these versions, and their bytes. */
  blobs: number;
  bytes: number;
  /** Stored blobs of every kind: how many were re-hashed in this pass, and how many there are. */
  verified: number;
  total: number;
  /** How many of `verified` an earlier, interrupted call re-hashed, and when the pass began (epoch ms). */
  earlier: number;
  since: number;
  faults: VerifyFault[];
  /** Versions whose bytes lie elsewhere, and where: nothing of them was verified. */
  external: VerifyFault[];
}
