import { RegistryError } from '../../errors.ts';
import type { Version } from '../../protocol/model.ts';
import type { ReplyOf, RequestOf, Route } from '../../protocol/routes.ts';

/** Calls a route of the service. */
type Call = <R extends Route>(route: R, request: RequestOf<R>) => Promise<ReplyOf<R>>;

export type DeletedVersion = Pick<Version, 'model' | 'number'> &
  ReplyOf<'POST /models/:model/versions/:version/delete'>;

/**
 * Deletes every version of a model, newest first. Each deletion can be undone separately; name and history stay. Throws `held`
 * and deletes nothing while a stage or an alias points to one of them.
 */
export async function deleteModel(call: Call, model: string, reason?: string): Promise<DeletedVersion[]> {
  const { items } = await call('GET /models/:model/versions', { model, limit: 500 });
  const held = items.filter(({ stage, aliases }) => aliases.length > 0 || !['development', 'archived'].includes(stage));
  if (held.length > 0) {
    const places = held.map(
      (one) => `v${one.number} (${[one.stage, ...one.aliases.map((name) => `@${name}`)].join(', ')})`,
    );
    throw new RegistryError(
      'held',
      `Nothing of ${model} was deleted: ${places.join(' and ')} is in use. Move it first.`,
    );
  }
  const deleted: DeletedVersion[] = [];
  for (const { number } of items.toSorted((a, b) => b.number - a.number)) {
    const of = { model, version: String(number), reason };
    deleted.push({ model, number, ...(await call('POST /models/:model/versions/:version/delete', of)) });
  }
  return items.length < 500 ? deleted : [...deleted, ...(await deleteModel(call, model, reason))];
}
