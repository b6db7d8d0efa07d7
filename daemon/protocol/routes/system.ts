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
  /** Saves of runs whose bytes are kept although they are no version. */
  candidates: { count: number; bytes: number };
  roots: Root[];
  runs: Run[];
  /** Artifacts in progress, with what is being done. */
  busy: { path: string; doing: string }[];
  /** True if everything noticed on disk is decided: no scan, no inspection, and no save that waits for the end of its run. */
  isIdle: boolean;
  memoryBytes: number;
  /** Why nothing can be written; null if it can. */
  readOnly: string | null;
  /** One sentence for each condition that needs attention. */
  warnings?: string[];
}

interface AuditRequest extends Paged {
  model?: string | undefined;
  /** `ana`, or `ana/cli`. */
  actor?: string | undefined;
  /** Beginning of an event type, such as `pointer`. */
  action?: string | undefined;
  /** Epoch ms, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Routes about the service and its log, as in `Routes`. */
export interface SystemRoutes {
  'GET /status': [Record<never, never>, Status];
  'GET /log': [Paged, Page<ThinEvent>];
  /** `head` is the chain's hash at `seq`, which proves an export. */
  'GET /audit': [AuditRequest, Page<ThinEvent> & { head: string }];
  /** `heads`: log heads that were kept elsewhere. The log must still contain each. */
  'POST /verify': [
    { model?: string | undefined; version?: string | undefined; heads?: LogHead[] | undefined },
    VerifyReply,
  ];
  'POST /backup': [Record<never, never>, { path: string; bytes: number }];
  /** With `unlessInUse`, only if no other client is connected. */
  'POST /stop': [{ unlessInUse?: boolean | undefined }, { stopping: boolean }];
}
