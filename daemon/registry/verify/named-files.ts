import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { blobPath } from '../../blobs/seal.ts';
import type { Database } from '../../db/database.ts';
import { derivedBlobs, uploadedBlobs, type BlobScope, type NamedBlob } from '../../db/named-blobs.ts';

/**
 * Yields every blob that a registry names: those in its tables, and the files in manifests. An unreadable manifest is reported
 * itself, when it is re-hashed. `uploads`: the database with tables that no event writes.
 */
export function* everyNamedBlob(
  dataFolder: string,
  derived: Database,
  uploads: Database,
  scope: BlobScope | null,
): Generator<NamedBlob> {
  for (const blob of derivedBlobs(derived, scope)) {
    yield blob;
    if (blob.kind === 'manifest') yield* filesOf(dataFolder, blob);
  }
  if (!scope) yield* uploadedBlobs(uploads);
}

function* filesOf(dataFolder: string, manifest: NamedBlob): Generator<NamedBlob> {
  for (const [name, size, sha256] of listFiles(dataFolder, manifest.digest)) {
    yield { ...manifest, kind: 'file', digest: `sha256:${sha256}`, name, size };
  }
}

/** Returns the files of a manifest; empty if it cannot be read. */
export function listFiles(dataFolder: string, digest: string): [path: string, size: number, sha256: string][] {
  const sha256 = digest.slice('sha256:'.length);
  try {
    const bytes = readFileSync(blobPath(dataFolder, sha256));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return [];
    return JSON.parse(bytes.toString('utf8')) as [string, number, string][];
  } catch {
    return [];
  }
}
