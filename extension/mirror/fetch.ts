import type { Client } from '../../daemon/clients/client/request.ts';
import { RegistryError } from '../../daemon/errors.ts';
import type { Artifact, ArtifactState, Model, Version } from '../../daemon/protocol/model.ts';
import type { ReplyOf } from '../../daemon/protocol/routes.ts';
import type { Page } from '../../daemon/protocol/shapes.ts';
import type { Change } from './reducer.ts';

/** The most that one reply may hold. */
const maxPageBytes = 500;
const maxArtifacts = 2000;

/** Every model, the most recently changed first. */
export async function readModels(client: Client): Promise<Model[]> {
  return allOf((cursor) => client.call('GET /models', { limit: maxPageBytes, ...cursor }), Infinity);
}

/** The artifacts in one state, at most 2,000. */
export async function readArtifacts(client: Client, state: ArtifactState): Promise<Artifact[]> {
  return allOf((cursor) => client.call('GET /artifacts', { state, limit: maxPageBytes, ...cursor }), maxArtifacts);
}

async function allOf<T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>, most: number): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null && items.length < most;) {
    const page: Page<T> = await read(cursor === undefined ? {} : { cursor });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** One model as it is now; undefined when there is none of that name. */
export async function readModel(client: Client, model: string): Promise<Model | undefined> {
  return client.call('GET /models/:model', { model }).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'not-found') return undefined;
    throw error;
  });
}

/** The newest versions of a model, at least `count`, or those that follow `known`. */
export async function readVersions(
  client: Client,
  model: string,
  count: number,
  known: readonly Version[] = [],
): Promise<Change> {
  const last = known.at(-1)?.number;
  const limit = Math.min(maxPageBytes, Math.max(1, count));
  const request = { model, limit, ...(last === undefined ? {} : { cursor: String(last) }) };
  const reply: ReplyOf<'GET /models/:model/versions'> = await client.call('GET /models/:model/versions', request);
  return { kind: 'versions', model, versions: [...known, ...reply.items], more: reply.next !== null };
}

/** What stands on disk and is no version yet, and the service's own state. */
export async function readSurroundings(client: Client): Promise<Change[]> {
  const [candidates, waiting, found, status] = await Promise.all([
    readArtifacts(client, 'candidate'),
    readArtifacts(client, 'waiting'),
    readArtifacts(client, 'found'),
    client.call('GET /status', {}),
  ]);
  return [
    { kind: 'artifacts', candidates, waiting, found },
    { kind: 'status', status },
  ];
}
