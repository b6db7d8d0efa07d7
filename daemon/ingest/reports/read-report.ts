import type { ReportKind } from '../../protocol/lineage.ts';
import { openWithin, readWhole } from '../../runtime/file-reader.ts';
import { redacted } from '../../secrets/redact.ts';
import { pictureType } from '../../shared/report-files.ts';

export interface ReportRequest {
  path: string;
  /** Folder that its real path must lie in. */
  top: string;
  kind: ReportKind;
  maxBytes: number;
}

/** The bytes of a report to keep, or the reason for keeping none. */
export type ReadReport = { bytes: Uint8Array; writtenAt: number; size: number } | { problem: string };

/**
 * Reads a report: a picture unchanged, if its bytes are one; text without its secrets. Throws TOO_LARGE, or the system's error.
 * Blocks: for a worker thread.
 */
export function readReport({ path, top, kind, maxBytes }: ReportRequest): ReadReport {
  const file = openWithin(path, top);
  const writtenAt = Math.round(Number(file.stats.mtimeNs) / 1e6);
  const bytes = readWhole(file, maxBytes);
  const size = bytes.length;
  const type = kind === 'picture' ? pictureType(bytes) : 'text';
  if (type === undefined) return { problem: size === 0 ? 'it is empty' : 'it is no picture' };
  if (kind === 'picture' && type !== 'image/svg+xml') return { bytes, writtenAt, size };
  const text = decoded(bytes);
  if (text === undefined) return { problem: 'it is no text' };
  return { bytes: Buffer.from(redacted(text)), writtenAt, size };
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8', { fatal: true }).decode(
      bytes,
    );
  } catch {
    return undefined;
  }
}
