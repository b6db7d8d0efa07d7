import type { ThinEvent } from './events.ts';
import type { Changed, OfModel, OfVersion, Page, Paged, Reasoned } from './routes.ts';
import type {
  Approval,
  ApprovalRequest,
  GateHistory,
  LetGo,
  ReviewedModel,
  Role,
  TokenInfo,
  TrustReply,
  Verdict,
} from './rules.ts';

/** A stage or an alias. */
interface Place {
  stage?: string | undefined;
  alias?: string | undefined;
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

interface TokenRequest {
  owner: string;
  role: Role;
  /** Globs; none for all. */
  models?: string[] | undefined;
  pointers?: string[] | undefined;
  days?: number | undefined;
  /** The owner has a token already, and this is the same person. */
  again?: boolean | undefined;
}

/** Routes about gates, approvals and tokens, as in `Routes`. */
export interface RuleRoutes {
  /** Whether the version may be put on a pointer now; moves nothing. */
  'GET /models/:model/versions/:version/gates': [OfVersion & Place, Verdict];
  /** Runs the commands among the gates first, where their file is trusted. */
  'POST /models/:model/versions/:version/gates': [OfVersion & Place, Verdict];
  'GET /models/:model/gates': [OfModel & Place, GateHistory];
  'GET /models/:model/versions/:version/approvals': [OfVersion, { approvals: Approval[] }];
  /** Requests that wait for people. */
  'GET /approvals': [Record<never, never>, { requests: ApprovalRequest[] }];
  /** `head` is the chain's hash at `seq`: with it an export proves itself. */
  'GET /audit': [AuditRequest, Page<ThinEvent> & { head: string }];
  /** Models that somebody should look after, and why. */
  'GET /review': [{ model?: string | undefined }, { models: ReviewedModel[] }];
  /** Versions that retention rules let go of. */
  'GET /retention': [{ model?: string | undefined }, { versions: LetGo[] }];
  /** Archives or deletes these (`model@number`), as the rules propose. */
  'POST /retention': [{ versions: string[] } & Reasoned, Changed & { done: LetGo[] }];
  'GET /tokens': [Record<never, never>, { tokens: TokenInfo[] }];
  'POST /models/:model/versions/:version/ask-approval': [
    OfVersion & Place & Reasoned & { days?: number | undefined },
    Changed,
  ];
  /** `note` tells where the approval does not count. */
  'POST /models/:model/versions/:version/approve': [
    OfVersion & Place & { comment?: string | undefined },
    Changed & { note?: string },
  ];
  'POST /models/:model/versions/:version/reject': [OfVersion & Place & { comment: string }, Changed];
  'GET /trust': [{ path: string }, TrustReply];
  /** With `digest`, only while the text is that one. */
  'POST /trust': [{ path: string; digest?: string | undefined }, TrustReply & Changed];
  'POST /trust/remove': [{ path: string }, Changed];
  /** Which plinth.yaml decides for the model from now on. */
  'POST /models/:model/policy': [OfModel & { path: string }, Changed];
  /** The token is told here and nowhere else. */
  'POST /tokens': [TokenRequest, Changed & { id: string; token: string }];
  'POST /tokens/revoke': [{ id: string }, Changed];
}
