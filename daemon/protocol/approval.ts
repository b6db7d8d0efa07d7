import type { PointerKind, Time } from './model.ts';
import type { Role } from './token.ts';

/** A request for approval, an approval or a rejection. */
export interface Approval {
  seq: number;
  at: Time;
  actor: string;
  kind: PointerKind;
  name: string;
  decision: 'requested' | 'approved' | 'rejected';
  /** Owner of the token. */
  person: string;
  /** Name and e-mail that the person asserted at that time. */
  asserted?: string;
  role: Role;
  text: string;
  /** The approval expires at this time. */
  until: Time;
}

/** A request that waits for approval, and the answers so far. */
export interface ApprovalRequest extends Approval {
  model: string;
  number: number;
  said: Approval[];
}
