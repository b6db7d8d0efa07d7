import type { Caller, Context } from '../context.ts';
import { pointersOf, type ModelRow } from '../db/models.ts';
import { RegistryError } from '../errors.ts';
import type { PointerRef } from '../protocol/model.ts';
import { matches } from '../shared/glob.ts';
import { policyIn, policyOf } from '../policy/policy.ts';
import { pointerText } from '../shared/event-text.ts';

/** Scope checks that need registry state. The API checks scopes on the request alone. */

/** Throws `forbidden` if a version would leave another stage that the token may not change. */
export function assertMayLeave(
  ctx: Context,
  { rights }: Caller,
  model: ModelRow,
  number: number,
  pointerRef: PointerRef,
): void {
  if (!rights || rights.pointers.length === 0 || pointerRef.kind === 'alias') return;
  const left = pointersOf(ctx.db, model.id)
    .filter(({ kind, holder, name }) => kind === 'stage' && holder === number && name !== pointerRef.name)
    .map(pointerText)
    .find((label) => !rights.pointers.some((glob) => matches(label, glob)));
  if (left === undefined) return;
  const text = `Version ${number} is the current version of ${left}, which the token of ${rights.owner} cannot change; it is limited to ${rights.pointers.join(', ')}.`;
  throw new RegistryError('forbidden', text);
}

/** Throws `forbidden` if deleting or merging a model clears pointers that the token may not change. */
export function assertMayClear({ rights }: Caller, cleared: readonly PointerRef[]): void {
  if (!rights || rights.pointers.length === 0) return;
  const label = cleared.map(pointerText).find((one) => !rights.pointers.some((glob) => matches(one, glob)));
  if (label === undefined) return;
  const text = `This would clear ${label}, which the token of ${rights.owner} cannot change; it is limited to ${rights.pointers.join(', ')}.`;
  throw new RegistryError('forbidden', text);
}

/** Throws `forbidden` if a new name would escape the rules for the old one, which requires an admin. */
export function assertMayRename(ctx: Context, { rights }: Caller, model: ModelRow, name: string): void {
  if (!rights || rights.role === 'admin') return;
  const { source, rule } = policyOf(ctx, model);
  if (!source || (rule && policyIn(source, name).rule?.match === rule.match)) return;
  const text = `By ${source.path}, a model named ${name} has another policy than ${model.name}; only an admin can give it this name.`;
  throw new RegistryError('forbidden', text);
}

/** Throws `forbidden` for deleting a model with a policy, which requires an admin. */
export function assertMayDelete(ctx: Context, { rights }: Caller, model: ModelRow): void {
  if (!rights || rights.role === 'admin') return;
  const { source } = policyOf(ctx, model);
  if (!source) return;
  throw new RegistryError('forbidden', `${model.name} has a policy in ${source.path}; only an admin can delete it.`);
}
