import { InvalidArgumentError } from 'commander';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { LogHead } from '../../protocol/verify.ts';

const maxFileBytes = 1 << 20;
const anyHead = /\b(\d{1,15}):([0-9a-f]{64})\b/gi;

/**
 * Parses log heads that were kept elsewhere: `SEQ:HASH`, a file of such lines (printed by `--export-head`), or a file of receipts
 * (JSON printed by `promote --json`). Adds them to those of earlier options.
 */
export function headOption(text: string, before: LogHead[] = []): LogHead[] {
  const heads = headsIn(readIfFile(text));
  if (heads.length > 0) return [...before, ...heads];
  throw new InvalidArgumentError(
    'Give SEQ:HASH, as plinth verify --export-head prints it, or a file with such lines or receipts.',
  );
}

/** Formats a log head: `412:9f3c…`. */
export function headText({ seq, hash }: LogHead): string {
  return `${seq}:${hash}`;
}

function readIfFile(text: string): string {
  if (text.match(anyHead)?.[0] === text || !existsSync(text)) return text;
  const stats = statSync(text);
  if (stats.isFile() && stats.size <= maxFileBytes) return readFileSync(text, 'utf8');
  throw new InvalidArgumentError(`${text} is not a file of at most 1 MiB.`);
}

function headsIn(text: string): LogHead[] {
  const plain = [...text.matchAll(anyHead)].map(([, seq, hash]) => ({
    seq: Number(seq),
    hash: String(hash).toLowerCase(),
  }));
  if (plain.length > 0) return plain;
  const whole = receiptsIn(text);
  return whole.length > 0 ? whole : text.split('\n').flatMap(receiptsIn);
}

function receiptsIn(text: string): LogHead[] {
  try {
    const value = JSON.parse(text) as unknown;
    return (Array.isArray(value) ? value : [value]).filter(isHead).map(({ seq, hash }) => ({ seq, hash }));
  } catch {
    return [];
  }
}

function isHead(value: unknown): value is LogHead {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, hash } = value as Record<string, unknown>;
  return Number.isSafeInteger(seq) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
}
