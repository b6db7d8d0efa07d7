import type { Approval, ApprovalRequest } from '../approval.ts';
import type { GatedModel, GateHistory, GateReport, LetGo, PolicyDraft, TrustReply } from '../policy.ts';
import type { Changed, OfModel, OfVersion, PointerRequest, Reasoned } from '../shapes.ts';

/** A folder's plinth.yaml, or a proposal for one. */
export interface PolicyReply {
  /** Absolute path of the file, or the path that it would have. */
  path: string;
  exists: boolean;
  text: string;
  /** Errors; line and column count from 1. */
  problems: { line: number; column: number; message: string }[];
  /** One sentence for each model that the file names while another file applies to it. */
  conflicts?: string[];
}

/** Routes about policies: gates, approvals, plinth.yaml, trust and retention, as in `Routes`. */
export interface PolicyRoutes {
  /** Reports whether a version passes the gates of a pointer now; changes nothing. */
  'GET /models/:model/versions/:version/gates': [OfVersion & PointerRequest, GateReport];
  /** Runs the commands among the gates first, if their file is trusted. */
  'POST /models/:model/versions/:version/gates': [OfVersion & PointerRequest, GateReport];
  'GET /models/:model/gates': [OfModel & PointerRequest, GateHistory];
  /** Models whose policies have gates, or the one that is named, with the places of the gates; evaluates none. */
  'GET /gates': [{ model?: string | undefined }, { models: GatedModel[] }];
  'GET /models/:model/versions/:version/approvals': [OfVersion, { approvals: Approval[] }];
  /** Requests that wait for approval. */
  'GET /approvals': [Record<never, never>, { requests: ApprovalRequest[] }];
  'POST /models/:model/versions/:version/ask-approval': [
    OfVersion & PointerRequest & Reasoned & { days?: number | undefined },
    Changed,
  ];
  /** `note`: why the approval does not count; absent if it does. */
  'POST /models/:model/versions/:version/approve': [
    OfVersion & PointerRequest & { comment?: string | undefined },
    Changed & { note?: string },
  ];
  'POST /models/:model/versions/:version/reject': [OfVersion & PointerRequest & { comment: string }, Changed];
  'GET /policy': [{ path: string }, PolicyReply];
  /** Returns the plinth.yaml of a model with a direction or a gate for a metric. Nothing is written. */
  'GET /models/:model/policy/draft': [
    OfModel & { metric: string; direction?: 'higher' | 'lower' | undefined; pointer?: string | undefined },
    PolicyDraft,
  ];
  /** Binds the model to another plinth.yaml. */
  'POST /models/:model/policy': [OfModel & { path: string }, Changed];
  'GET /trust': [{ path: string }, TrustReply];
  /** With `digest`, only if the text has that digest. */
  'POST /trust': [{ path: string; digest?: string | undefined }, TrustReply & Changed];
  'POST /trust/remove': [{ path: string }, Changed];
  /** Versions that retention rules propose to archive or delete. */
  'GET /retention': [{ model?: string | undefined }, { versions: LetGo[] }];
  /** Archives or deletes these versions (`model@number`), as the rules propose. */
  'POST /retention': [{ versions: string[] } & Reasoned, Changed & { done: LetGo[] }];
}
