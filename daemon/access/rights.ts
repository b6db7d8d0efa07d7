import { RegistryError } from '../errors.ts';
import { roles, type Rights, type Role } from '../protocol/token.ts';
import { matches } from '../shared/glob.ts';

/** The models, and the pointers as `production` or `@champion`, that a request would change. */
export interface Touched {
  models: readonly string[];
  pointers?: readonly string[] | undefined;
}

/** `everything`: what a request would change cannot be told from the request, or is the whole registry's. */
export type Touches = Touched | 'nothing' | 'everything';

/** Throws `forbidden`, saying which role is missing. */
export function assertRole({ owner, role }: Rights, needed: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(needed)) return;
  throw new RegistryError('forbidden', `${owner} has role ${role}; role ${needed} is required.`, { needed });
}

/** Throws `forbidden` where a request would change more than the globs of its token name. A token without globs may change all. */
export function assertScope({ owner, models, pointers }: Rights, touches: Touches): void {
  if (touches === 'nothing') return;
  if (touches === 'everything') {
    if (models.length === 0 && pointers.length === 0) return;
    const limits = [...models, ...pointers].join(', ');
    throw new RegistryError(
      'forbidden',
      `The token of ${owner} is limited to ${limits}; a token without limits is required.`,
    );
  }
  const model = touches.models.find((name) => isOutside(name, models));
  if (model !== undefined)
    throw new RegistryError(
      'forbidden',
      `The token of ${owner} is limited to the models ${models.join(', ')}; it cannot change ${model}.`,
    );
  const pointer = touches.pointers?.find((name) => isOutside(name, pointers));
  if (pointer !== undefined)
    throw new RegistryError(
      'forbidden',
      `The token of ${owner} is limited to the stages and aliases ${pointers.join(', ')}; it cannot change ${pointer}.`,
    );
}

/** Names are kept in NFC, so a name in another form must not meet a glob that the kept one does not meet. */
function isOutside(name: string, globs: readonly string[]): boolean {
  const kept = name.normalize('NFC');
  return globs.length > 0 && !globs.some((glob) => matches(kept, glob));
}
