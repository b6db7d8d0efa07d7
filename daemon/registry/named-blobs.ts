import { readManifest } from '../blobs/manifest.ts';
import type { BlobStore } from '../blobs/store.ts';
import { RegistryError } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';

/**
 * Throws `conflict` unless every blob that an event names is in the store. Called inside the transaction that names them: a sweep
 * runs on the same thread, so never between this check and COMMIT.
 */
export function assertHolds(blobs: BlobStore, event: NewEvent): void {
  for (const digest of namedDigests(event)) assertThere(blobs, digest);
  if (event.type !== 'version.registered/1' && event.type !== 'version.completed/1') return;
  for (const { sha256, size } of readManifest(blobs, event.body.digest)) assertThere(blobs, `sha256:${sha256}`, size);
}

export function assertThere(blobs: BlobStore, digest: string, size?: number): void {
  const found = blobs.sizeOf(digest);
  if (found !== undefined && (size === undefined || size === found)) return;
  const text = `The file ${digest} is no longer in the store, so nothing was recorded. Repeat the request.`;
  throw new RegistryError('conflict', text, { digest });
}

function namedDigests(event: NewEvent): string[] {
  switch (event.type) {
    case 'version.registered/1':
    case 'version.completed/1':
      return [event.body.digest, event.body.facts];
    case 'version.evidence/1':
    case 'model.card/1':
      return [event.body.digest];
    case 'version.lineage/1':
      return [event.body.digest, ...event.body.blobs];
    case 'deployment.finished/1':
      return event.body.output === null ? [] : [event.body.output];
    default:
      return [];
  }
}
