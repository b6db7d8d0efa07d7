import { RegistryError } from '../../../errors.ts';
import type { Client } from '../../client/request.ts';
import { languageOf } from '../references/references.ts';
import { readModels } from '../../client/read-models.ts';
import { readVersions } from '../mirror/fetch.ts';
import type { ModelReference } from '../references/reference.ts';
import { apply, formerReferences, nothing, type Registry } from '../mirror/reducer.ts';
import { WorkspaceIndex } from '../references/workspace-index.ts';

/**
 * Reads the references of a folder's files and the models that they name. Prose is left out, as it has examples. Asks the
 * registry whether a name that no model has, as in `lodash@4`, is that of a merged model.
 */
export async function readForLock(
  client: Pick<Client, 'call'>,
  folder: string,
): Promise<{ registry: Registry; references: ModelReference[] }> {
  const index = new WorkspaceIndex();
  await index.build([folder]);
  let registry = apply(nothing, { kind: 'models', models: await readModels(client), at: Date.now() });
  const mentions = index.all(() => true).filter(({ file }) => languageOf(file) !== 'markdown');
  const all = mentions.map(({ reference }) => reference);
  for (const [model, own] of Map.groupBy(all, (one) => one.model)) {
    if (!registry.models.has(model)) {
      for (const number of numbersOf(own)) registry = await withFormer(client, registry, model, number);
      continue;
    }
    registry = apply(registry, await readVersions(client, model));
    for (const number of numbersOf(own))
      if (!registry.versions.get(model)?.known.has(number))
        registry = apply(registry, await readVersions(client, model, number + 1, 1));
    for (const { holder } of registry.models.get(model)?.pointers ?? [])
      if (holder !== null && !registry.versions.get(model)?.known.has(holder))
        registry = apply(registry, await readVersions(client, model, holder + 1, 1));
  }
  const { names } = formerReferences(registry);
  const isModel = (name: string): boolean => registry.models.has(name) || names.has(name);
  return { registry, references: all.filter(({ form, model }) => form === 'uri' || isModel(model)) };
}

/** Adds what a merged model's numbers resolve to, if there is such a model. */
async function withFormer(
  client: Pick<Client, 'call'>,
  registry: Registry,
  model: string,
  number: number,
): Promise<Registry> {
  const request = { model, version: String(number) };
  const found = await client.call('GET /models/:model/versions/:version', request).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined;
    throw error;
  });
  if (!found) return registry;
  const { version } = found;
  return apply(registry, await readVersions(client, version.model, version.number + 1, 1));
}

function numbersOf(references: readonly ModelReference[]): Set<number> {
  return new Set(references.flatMap(({ selector }) => (selector.kind === 'number' ? [selector.number] : [])));
}
