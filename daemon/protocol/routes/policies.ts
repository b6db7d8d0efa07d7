import type { Approval, ApprovalRequest } from '../approval.ts';
import type { GateHistory, LetGo, TrustReply, GateReport } from '../policy.ts';
import type { Changed, OfModel, OfVersion, PointerRequest, Reasoned } from '../shapes.ts';

/** A folder's plinth.yaml as it stands, or a proposal for one. */
export interface PolicyReply {
  /** Absolute path of the file, or where it would be. */
  path: string;
  exists: boolean;
  text: string;
  /** Line and column count from 1. */
  problems: { line: number; column: number; message: string }[];
  /** Models that the file speaks of while another decides for them, one sentence each. */
  conflicts?: string[];
}

/** Routes about rules: gates, approvals, plinth.yaml, trust and retention, as in `Routes`. */
export interface PolicyRoutes {
  /** Whether the version may be put on a pointer now; moves nothing. */
  'GET /models/:model/versions/:version/gates': [OfVersion & PointerRequest, GateReport];
  /** Runs the commands among the gates first, where their file is trusted. */
  'POST /models/:model/versions/:version/gates': [OfVersion & PointerRequest, GateReport];
  'GET /models/:model/gates': [OfModel & PointerRequest, GateHistory];
  'GET /models/:model/versions/:version/approvals': [OfVersion, { approvals: Approval[] }];
  /** Requests that wait for people. */
  'GET /approvals': [Record<never, never>, { requests: ApprovalRequest[] }];
  'POST /models/:model/versions/:version/ask-approval': [
    OfVersion & PointerRequest & Reasoned & { days?: number | undefined },
    Changed,
  ];
  /** `note` tells where the approval does not count. */
  'POST /models/:model/versions/:version/approve': [
    OfVersion & PointerRequest & { comment?: string | undefined },
    Changed & { note?: string },
  ];
  'POST /models/:model/versions/:version/reject': [OfVersion & PointerRequest & { comment: string }, Changed];
  'GET /policy': [{ path: string }, PolicyReply];
  /** Which plinth.yaml decides for the model from now on. */
  'POST /models/:model/policy': [OfModel & { path: string }, Changed];
  'GET /trust': [{ path: string }, TrustReply];
  /** With `digest`, only while the text is that one. */
  'POST /trust': [{ path: string; digest?: string | undefined }, TrustReply & Changed];
  'POST /trust/remove': [{ path: string }, Changed];
  /** Versions that retention rules let go of. */
  'GET /retention': [{ model?: string | undefined }, { versions: LetGo[] }];
  /** Archives or deletes these (`model@number`), as the rules propose. */
  'POST /retention': [{ versions: string[] } & Reasoned, Changed & { done: LetGo[] }];
}
