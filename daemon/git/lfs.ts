import { createHash } from 'node:crypto';
import { closeSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { openWithin } from '../runtime/file-reader.ts';
import type { ClosedRepository } from './closed-repository.ts';

const maxPointer = 1024;
const pointer =
  /^version https?:\/\/(?:git-lfs\.github\.com|hawser\.github\.com|git-media\.io)\/\S+\noid sha256:([0-9a-f]{64})\nsize (\d+)\n$/;

export interface PointedFile {
  path: string;
  /** Name of the object with the pointer. */
  object: string;
}

/**
 * Compares files with their Git LFS pointers, by size and SHA-256. `same`: paths whose content matches the pointer; `unknown`:
 * paths for which there was no time, or whose pointer has extensions.
 */
export async function compareWithPointers(
  repository: ClosedRepository,
  files: readonly PointedFile[],
  deadline: number,
): Promise<{ same: string[]; unknown: string[] }> {
  if (files.length === 0) return { same: [], unknown: [] };
  const objects = await smallObjects(repository, [...new Set(files.map(({ object }) => object))]);
  const same: string[] = [];
  const unknown: string[] = [];
  for (const { path, object } of files) {
    const text = objects?.get(object);
    if (!objects || text === null) unknown.push(path);
    else if (text !== undefined) {
      const holds = holdsPointed(repository.top, path, text, deadline);
      if (holds !== false) (holds === true ? same : unknown).push(path);
    }
  }
  return { same, unknown };
}

/** Returns the texts of objects by name: undefined for a larger one, null for a missing one. */
async function smallObjects(
  repository: ClosedRepository,
  names: readonly string[],
): Promise<Map<string, string | null> | undefined> {
  const check = await repository.run(['cat-file', '--batch-check'], { input: `${names.join('\n')}\n` });
  if (check.outcome !== 'done' || check.status !== 0) return undefined;
  const found = check.output.split('\n').map((line) => line.split(' '));
  const texts = new Map<string, string | null>(
    found.flatMap(([name, kind]) => (kind === 'missing' ? [[name ?? '', null]] : [])),
  );
  const small = found.flatMap(([name, kind, size]) =>
    kind === 'blob' && Number(size) <= maxPointer && name !== undefined ? [name] : [],
  );
  if (small.length === 0) return texts;
  const batch = await repository.run(['cat-file', '--batch'], { input: `${small.join('\n')}\n` });
  if (batch.outcome !== 'done' || batch.status !== 0) return undefined;
  const { bytes } = batch;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n', at);
    const [name = '', , size = '0'] = bytes.subarray(at, end).toString().split(' ');
    if (end < 0) break;
    texts.set(name, bytes.subarray(end + 1, end + 1 + Number(size)).toString());
    at = end + 2 + Number(size);
  }
  return texts;
}

/** Returns true if a file has the content of a pointer; undefined if unknown, false for a text that is no pointer. */
function holdsPointed(top: string, path: string, text: string, deadline: number): boolean | undefined {
  if (/^version .+\next-/.test(text)) return undefined;
  const [, digest, size] = pointer.exec(text) ?? [];
  if (digest === undefined) return false;
  const from = join(top, path);
  try {
    if (realpathSync(from) !== from) return false;
    const { handle, stats } = openWithin(from, top);
    try {
      if (stats.size !== BigInt(size ?? -1)) return false;
      const actual = digestOf(handle, Number(stats.size), deadline);
      return actual === undefined ? undefined : actual === digest;
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}

function digestOf(file: number, size: number, deadline: number): string | undefined {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < size;) {
    if (performance.now() > deadline) return undefined;
    const length = readSync(file, chunk, 0, chunk.length, at);
    if (length === 0) break;
    hash.update(chunk.subarray(0, length));
    at += length;
  }
  return hash.digest('hex');
}
