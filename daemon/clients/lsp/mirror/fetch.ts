import type { Client } from '../../client/request.ts';
import { RegistryError } from '../../../errors.ts';
import type { Model } from '../../../protocol/model.ts';
import type { Change } from './reducer.ts';

/** The most that one reply may hold. */
const maxPageBytes = 500;

/** Every model, the most recently changed first. */
export async function readModels(client: Pick<Client, 'call'>): Promise<Change> {
  const models: Model[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await client.call('GET /models', { limit: maxPageBytes, ...(cursor === undefined ? {} : { cursor }) });
    models.push(...page.items);
    cursor = page.next;
  }
  return { kind: 'models', models, at: Date.now() };
}

/** One model as it is now; `model` is undefined where none goes by that name any more. */
export async function readModel(client: Pick<Client, 'call'>, name: string): Promise<Change & { kind: 'model' }> {
  const read = await client.call('GET /models/:model', { model: name }).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined;
    throw error;
  });
  return { kind: 'model', name, model: read?.name === name ? read : undefined, at: Date.now() };
}

type VersionsChange = Change & { kind: 'versions' };
const newest = Number.MAX_SAFE_INTEGER;

/**
 * The versions with numbers below `from`, newest first, at most `most` (≤ 500), the deleted and the moved ones too. They
 * are complete where they begin with the newest, or follow a page that did (`follows`), and none comes after.
 */
export async function readVersions(
  client: Pick<Client, 'call'>,
  model: string,
  from = newest,
  most = maxPageBytes,
  follows = from === newest,
): Promise<VersionsChange> {
  const cursor = from === newest ? {} : { cursor: String(from) };
  const request = { model, limit: most, all: true, ...cursor };
  const { items, next } = await client.call('GET /models/:model/versions', request);
  return { kind: 'versions', model, page: items, from, complete: next === null && follows };
}

/** Page after page from the newest on, until there are no more or `most` were read. */
export async function* versionPages(
  client: Pick<Client, 'call'>,
  model: string,
  most: number,
): AsyncGenerator<VersionsChange> {
  let from = newest;
  for (let read = 0; read < most;) {
    const page = await readVersions(client, model, from, maxPageBytes, true);
    yield page;
    if (page.complete || page.page.length === 0) return;
    read += page.page.length;
    from = page.page.at(-1)?.number ?? 0;
  }
}
