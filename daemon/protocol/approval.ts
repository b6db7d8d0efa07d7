import type { PointerKind, Time } from './model.ts';
import type { Role } from './token.ts';

/** A request for approvals, or what somebody said to it. */
export interface Approval {
  seq: number;
  at: Time;
  actor: string;
  kind: PointerKind;
  name: string;
  decision: 'requested' | 'approved' | 'rejected';
  /** Owner of the token. */
  person: string;
  /** Name and e-mail that the person asserted then. */
  asserted?: string;
  role: Role;
  text: string;
  /** Counts no more from then on. */
  until: Time;
}

/** A request that waits for people, and what they said since. */
export interface ApprovalRequest extends Approval {
  model: string;
  number: number;
  said: Approval[];
}
