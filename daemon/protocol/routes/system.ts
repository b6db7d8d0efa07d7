import type { Root, Run } from '../model.ts';
import type { ThinEvent } from '../events.ts';
import type { LogHead, VerifyReply } from '../verify.ts';
import type { Page, Paged } from '../shapes.ts';

export interface Status {
  version: string;
  protocol: number;
  pid: number;
  startedAt: number;
  dataFolder: string;
  logId: string;
  seq: number;
  models: number;
  versions: number;
  blobs: { count: number; bytes: number };
  /** Saves of runs whose bytes are owned though they are no version. */
  candidates: { count: number; bytes: number };
  roots: Root[];
  runs: Run[];
  /** Artifacts in work right now, with what is being done. */
  busy: { path: string; doing: string }[];
  /** Whether everything that was noticed on disk is decided: no scan, no inspection, no save that waits for the end of its run. */
  isIdle: boolean;
  memoryBytes: number;
  /** Why nothing can be written; null while all is well. */
  readOnly: string | null;
  /** What somebody should look at, a sentence each. */
  warnings?: string[];
}

interface AuditRequest extends Paged {
  model?: string | undefined;
  /** `ana`, or `ana/cli`. */
  actor?: string | undefined;
  /** A type's beginning, such as `pointer`. */
  action?: string | undefined;
  /** Epoch ms, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Routes about the service and its log, as in `Routes`. */
export interface SystemRoutes {
  'GET /status': [Record<never, never>, Status];
  'GET /log': [Paged, Page<ThinEvent>];
  /** `head` is the chain's hash at `seq`: with it an export proves itself. */
  'GET /audit': [AuditRequest, Page<ThinEvent> & { head: string }];
  /** `heads` were kept elsewhere: the log must still hold each of them. */
  'POST /verify': [
    { model?: string | undefined; version?: string | undefined; heads?: LogHead[] | undefined },
    VerifyReply,
  ];
  'POST /backup': [Record<never, never>, { path: string; bytes: number }];
  /** With `unlessInUse`, only where no client but the one that asks is connected. */
  'POST /stop': [{ unlessInUse?: boolean | undefined }, { stopping: boolean }];
}
