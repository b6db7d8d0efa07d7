import type { EvidenceOrigin } from '../../daemon/protocol/evidence.ts';

/** The origin of evidence that a test gives to a version explicitly. */
export const given: EvidenceOrigin = { rule: 'given', reason: 'a test gave it' };
