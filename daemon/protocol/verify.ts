/** A fault that a verification found, and how to repair it. */
export interface VerifyFault {
  subject: string;
  detail: string;
  /** One sentence. */
  fix?: string;
}

/** An event's number and its chain hash, 64 hex digits. A receipt has one. */
export interface LogHead {
  seq: number;
  hash: string;
}

export interface VerifyReply {
  /** True if there is no fault and everything was checked. */
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
  /** Stored blobs of every kind: number re-hashed in this pass, and total. */
  verified: number;
  total: number;
  /** Number of `verified` that an earlier, interrupted call re-hashed, and when the pass began (epoch ms). */
  earlier: number;
  since: number;
  faults: VerifyFault[];
  /** Versions with bytes elsewhere, and where. Nothing of them was verified. */
  external: VerifyFault[];
}
