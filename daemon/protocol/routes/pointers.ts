import type { PointerKind } from '../model.ts';
import type { TransitionBody } from '../events.ts';
import type { GateResult } from '../policy.ts';
import type { OfModel, OfVersion, PointerRequest, Reasoned } from '../shapes.ts';

/** Proof of a transition: number and hash of its event, and what it did. */
export interface Receipt {
  /** False when everything was so already. */
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
  /** One sentence, where the rules name a command to be run after the move. */
  deployment?: string;
  /** Digest of the plinth.yaml on which it was decided; null where none speaks of the model. */
  policy?: string | null;
  /** False where that text was not git's newest. */
  committed?: boolean;
  /** Gates failed, and it was moved all the same. */
  bypassed?: true;
}

export interface UndoReply {
  undone: number;
  seq: number;
  hash: string;
  type: string;
}

/** Who held a pointer at some time, put there by whom, why and by which event. */
export interface HeldThen {
  kind: PointerKind;
  name: string;
  holder: number | null;
  since: number;
  actor: string;
  reason: string;
  seq: number;
}

/** With `bypass`, although gates fail: takes a reason and the right. */
interface Bypassing {
  bypass?: boolean | undefined;
}

interface PointerChoice extends PointerRequest, Reasoned {
  /** The holder that the client saw; null for nobody. A stale one is refused with `conflict`. */
  expect?: number | null | undefined;
}

/** Routes that say or change what holds a stage or an alias, as in `Routes`. */
export interface PointerRoutes {
  'GET /models/:model/holders': [OfModel & { at?: number | undefined }, { pointers: HeldThen[] }];
  'POST /models/:model/rollback': [OfModel & PointerChoice & Bypassing & { to?: string | undefined }, Receipt];
  'POST /models/:model/unalias': [OfModel & Reasoned & { alias: string; expect?: number | null | undefined }, Receipt];
  'POST /models/:model/versions/:version/promote': [OfVersion & PointerChoice & Bypassing, Receipt];
  'POST /models/:model/versions/:version/archive': [OfVersion & Reasoned, Receipt];
  'POST /models/:model/versions/:version/restore': [OfVersion & Reasoned, Receipt];
  'POST /undo': [{ seq: number }, UndoReply];
}
