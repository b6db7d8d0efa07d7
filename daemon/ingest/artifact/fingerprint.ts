import { join } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import type { ArtifactFiles, Fingerprint } from './types.ts';

/** Returns the fingerprint of an artifact's files; undefined if one of them does not exist. */
export function fingerprintOf({ group, folder }: ArtifactFiles): Fingerprint | undefined {
  const parts: string[] = [];
  let size = 0;
  let writtenAt = 0;
  for (const file of group.files) {
    const stats = statAt(join(folder, file));
    if (!stats?.isFile()) return undefined;
    parts.push(`${file}:${stats.size}:${stats.mtimeMs}:${stats.ino}`);
    size += stats.size;
    writtenAt = Math.max(writtenAt, stats.mtimeMs);
  }
  return { text: parts.join('\n'), size, writtenAt: Math.round(writtenAt) };
}
