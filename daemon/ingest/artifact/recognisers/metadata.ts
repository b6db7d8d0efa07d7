import type { Json } from '../../../protocol/json.ts';

const maxBytes = 16 * 1024;
const maxEntry = 4 * 1024;

/** Returns the entries that fit into 16 KiB of JSON, in order. Empty values are left out, long texts are cut. */
export function boundedMetadata(entries: Record<string, Json>): Record<string, Json> {
  const metadata: Record<string, Json> = {};
  let left = maxBytes - 2;
  for (const [key, entry] of Object.entries(entries)) {
    const value = typeof entry === 'string' ? entry.slice(0, maxEntry) : entry;
    if (value === null || value === '' || key === '__proto__') continue;
    const bytes = Buffer.byteLength(JSON.stringify({ [key]: value }));
    if (bytes > left) continue;
    left -= bytes;
    metadata[key] = value;
  }
  return metadata;
}
