import type { Client } from '../../client/request.ts';
import { maxPageItems } from '../../../shared/paging.ts';
import type { Change } from './reducer.ts';

type VersionsChange = Change & { kind: 'versions' };
const newest = Number.MAX_SAFE_INTEGER;

/**
 * Reads at most `most` (≤ 500) versions with numbers below `from`, newest first, deleted and moved ones included. They are
 * complete if they start with the newest version, or continue a page that does (`follows`), and none is left.
 */
export async function readVersions(
  client: Pick<Client, 'call'>,
  model: string,
  from = newest,
  most = maxPageItems,
  follows = from === newest,
): Promise<VersionsChange> {
  const cursor = from === newest ? {} : { cursor: String(from) };
  const request = { model, limit: most, all: true, ...cursor };
  const { items, next } = await client.call('GET /models/:model/versions', request);
  return { kind: 'versions', model, page: items, from, complete: next === null && follows };
}

/** Yields pages from the newest version on, until there are no more or `most` versions were read. */
export async function* versionPages(
  client: Pick<Client, 'call'>,
  model: string,
  most: number,
): AsyncGenerator<VersionsChange> {
  let from = newest;
  for (let read = 0; read < most;) {
    const page = await readVersions(client, model, from, maxPageItems, true);
    yield page;
    if (page.complete || page.page.length === 0) return;
    read += page.page.length;
    from = page.page.at(-1)?.number ?? 0;
  }
}
