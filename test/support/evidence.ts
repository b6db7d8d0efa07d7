import type { EvidenceOrigin } from '../../daemon/protocol/evidence.ts';

/** Of evidence that a test gives to a version by its name. */
export const given: EvidenceOrigin = { rule: 'given', reason: 'a test gave it' };
