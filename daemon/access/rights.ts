import { RegistryError } from '../errors.ts';
import { roles, type Rights, type Role } from '../protocol/token.ts';
import { matches } from '../shared/glob.ts';

/** Models and pointers, as `production` or `@champion`, that a request changes. */
export interface Touched {
  models: readonly string[];
  pointers?: readonly string[] | undefined;
}

/** What a request touches. `everything`: the whole registry, or not known from the request. */
export type Touches = Touched | 'nothing' | 'everything';

/** Throws `forbidden`, naming the required role. */
export function assertRole({ owner, role }: Rights, needed: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(needed)) return;
  throw new RegistryError('forbidden', `${owner} has role ${role}; role ${needed} is required.`, { needed });
}

/** Throws `forbidden` if a request touches more than the globs of its token allow. A token without globs may change everything. */
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

/** Returns true for a name outside the globs. Compares in NFC, the stored form, so that no other form of a name gets past a glob. */
function isOutside(name: string, globs: readonly string[]): boolean {
  const kept = name.normalize('NFC');
  return globs.length > 0 && !globs.some((glob) => matches(kept, glob));
}
