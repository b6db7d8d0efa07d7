import type { PointerKind } from '../model.ts';
import type { TransitionBody } from '../events.ts';
import type { GateResult } from '../policy.ts';
import type { OfModel, OfVersion, PointerRequest, Reasoned } from '../shapes.ts';

/** Receipt of a transition: its event's number and hash, and the change. */
export interface Receipt {
  /** False if nothing had to change. */
  changed: boolean;
  seq: number;
  hash: string;
  at: number;
  actor: string;
  /** Name and e-mail that the actor asserted. */
  asserted?: string;
  model: string;
  kind: PointerKind;
  name: string;
  cause: TransitionBody['cause'];
  from: number | null;
  to: number | null;
  reason: string;
  gates: GateResult[];
  /** A sentence if the policy has a command to run after the change. */
  deployment?: string;
  /** Digest of the plinth.yaml that the decision is based on; null if none applies to the model. */
  policy?: string | null;
  /** False if that text was not committed to git. */
  committed?: boolean;
  /** True if gates failed and were bypassed. */
  bypassed?: true;
}

export interface UndoReply {
  undone: number;
  seq: number;
  hash: string;
  type: string;
}

/** The version that a pointer had at a time, with who set it, why, and by which event. */
export interface HeldThen {
  kind: PointerKind;
  name: string;
  holder: number | null;
  since: number;
  actor: string;
  reason: string;
  seq: number;
}

/** With `bypass`, the change is made although gates fail. Requires a reason and the right to do so. */
interface Bypassing {
  bypass?: boolean | undefined;
}

interface PointerChoice extends PointerRequest, Reasoned {
  /** Current version that the client saw; null for none. If it has changed, the request is refused with `conflict`. */
  expect?: number | null | undefined;
}

/** Routes that read or change stages and aliases, as in `Routes`. */
export interface PointerRoutes {
  'GET /models/:model/holders': [OfModel & { at?: number | undefined }, { pointers: HeldThen[] }];
  'POST /models/:model/rollback': [OfModel & PointerChoice & Bypassing & { to?: string | undefined }, Receipt];
  'POST /models/:model/unalias': [OfModel & Reasoned & { alias: string; expect?: number | null | undefined }, Receipt];
  'POST /models/:model/versions/:version/promote': [OfVersion & PointerChoice & Bypassing, Receipt];
  'POST /models/:model/versions/:version/archive': [OfVersion & Reasoned, Receipt];
  'POST /models/:model/versions/:version/restore': [OfVersion & Reasoned, Receipt];
  'POST /undo': [{ seq: number }, UndoReply];
}
