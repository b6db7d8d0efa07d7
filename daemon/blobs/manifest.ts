import { createHash } from 'node:crypto';
import type { ManifestFile } from '../protocol/model.ts';
import type { BlobStore } from './store.ts';

/**
 * Returns the canonical text of a manifest: a JSON array of `[path, size, sha256]`, sorted by path (code units). The SHA-256 of
 * its UTF-8 bytes is the version's digest. The only file of a one-file artifact has an empty path, so its name is not part of the
 * digest.
 */
export function manifestText(files: readonly ManifestFile[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return JSON.stringify(sorted.map((file) => [file.path, file.size, file.sha256]));
}

/** Returns the version's digest, `sha256:<hex>`. */
export function manifestDigest(files: readonly ManifestFile[]): string {
  return `sha256:${createHash('sha256').update(manifestText(files)).digest('hex')}`;
}

/** Stores a manifest as a blob and returns its digest. */
export function storeManifest(blobs: Pick<BlobStore, 'store'>, files: readonly ManifestFile[]): Promise<string> {
  return blobs.store(Buffer.from(manifestText(files)));
}

/** Returns the files of a version by its digest. Throws `gone` or `damaged`. */
export function readManifest(blobs: BlobStore, digest: string): ManifestFile[] {
  const rows = JSON.parse(blobs.read(digest).toString('utf8')) as [string, number, string][];
  return rows.map(([path, size, sha256]) => ({ path, size, sha256 }));
}
