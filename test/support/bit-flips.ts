import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestService } from './daemon.ts';

/** Flips one bit in the last byte of a blob, named by its SHA-256 in hex. */
export function flipped(service: TestService, sha256: string): void {
  const path = join(service.folder, 'data', 'blobs', 'sha256', sha256.slice(0, 2), sha256);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}
