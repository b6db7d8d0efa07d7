import { RegistryError } from '../../errors.ts';
import type { Model } from '../../protocol/model.ts';
import { readAllPages } from '../../shared/paging.ts';
import type { Client } from './request.ts';

/** Reads every model, the most recently changed first. */
export async function readModels(client: Pick<Client, 'call'>): Promise<Model[]> {
  return (await readAllPages((page) => client.call('GET /models', page))).items;
}

/** Reads one model; undefined if it does not exist. A former name resolves to its model. */
export async function readModel(client: Pick<Client, 'call'>, name: string): Promise<Model | undefined> {
  const read = await client.call('GET /models/:model', { model: name }).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined;
    throw error;
  });
  return read?.name === name ? read : undefined;
}
