import type { Client } from '../../daemon/clients/client/request.ts';
import type { Artifact, ArtifactState, Version } from '../../daemon/protocol/model.ts';
import type { ReplyOf } from '../../daemon/protocol/routes.ts';
import { maxPageItems, readAllPages } from '../../daemon/shared/paging.ts';
import type { Change } from './reducer.ts';

const maxArtifacts = 2000;
const maxEnded = 20;

/** Reads the artifacts in one state, at most 2,000. */
export async function readArtifacts(client: Client, state: ArtifactState): Promise<Artifact[]> {
  return (await readAllPages((page) => client.call('GET /artifacts', { state, ...page }), maxArtifacts)).items;
}

/** Reads the versions that were registered by hand, the newest first, at most 2,000. */
export async function readHandRegistered(client: Client): Promise<Version[]> {
  const search = { where: 'origin = hand', sort: 'created' };
  return (await readAllPages((page) => client.call('GET /versions', { ...search, ...page }), maxArtifacts)).items;
}

/** Reads the newest versions of a model, at least `count`, or those that follow `known`. */
export async function readVersions(
  client: Client,
  model: string,
  count: number,
  known: readonly Version[] = [],
): Promise<Change> {
  const last = known.at(-1)?.number;
  const limit = Math.min(maxPageItems, Math.max(1, count));
  const request = { model, limit, ...(last === undefined ? {} : { cursor: String(last) }) };
  const reply: ReplyOf<'GET /models/:model/versions'> = await client.call('GET /models/:model/versions', request);
  return { kind: 'versions', model, versions: [...known, ...reply.items], more: reply.next !== null };
}

/** Reads the artifacts that are not versions yet, and the service's status. */
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

/** Reads the newest runs that have ended. */
export async function readEnded(client: Client): Promise<Change> {
  const { runs } = await client.call('GET /runs', { status: 'ended', limit: maxEnded });
  return { kind: 'ended', runs };
}
