import { RegistryError } from '../errors.ts';
import type { PointerKind } from '../protocol/model.ts';

/** The pointer that a request names. Throws `invalid-request` unless it is one stage or one alias. */
export function placeOf(stage: string | undefined, alias: string | undefined): { kind: PointerKind; name: string } {
  if (stage !== undefined && alias === undefined) return { kind: 'stage', name: stage };
  if (alias !== undefined && stage === undefined) return { kind: 'alias', name: alias };
  throw new RegistryError('invalid-request', 'name either a stage or an alias');
}
