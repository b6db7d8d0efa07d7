import { join } from 'node:path';
import type { Repository } from './find-repository.ts';
import { readWithin, textWithin } from './read-within.ts';
import { statAt } from '../runtime/file-reader.ts';

const headLine = /^ref: (refs\/\S+)$/;
const objectName = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const maxPackedRefs = 64 * 1024 * 1024;

export interface Head {
  /** Null if the branch has no commit yet. */
  commit: string | null;
  /** Null for a detached HEAD. */
  branch: string | null;
}

/** Reads the checked out commit and branch; undefined if they are in an unknown form. */
export function readHead({ gitDir, commonDir }: Repository): Head | undefined {
  let text = textWithin(gitDir, 'HEAD') ?? '';
  const first = headLine.exec(text)?.[1];
  const branch = first === undefined ? null : first.replace(/^refs\/heads\//, '');
  for (let links = 0; links < 5; links += 1) {
    if (objectName.test(text)) return { commit: text, branch };
    const name = headLine.exec(text)?.[1];
    if (name === undefined || !isRefName(name)) return undefined;
    const isOfWorktree = /^refs\/(bisect|worktree|rewritten)\//.test(name);
    const loose = readRef(isOfWorktree ? gitDir : commonDir, name);
    const found = loose === null ? packedRef(commonDir, name) : loose;
    if (found === undefined) return undefined;
    if (found === null) return { commit: null, branch };
    text = found;
  }
  return undefined;
}

function isRefName(name: string): boolean {
  const parts = name.split('/');
  // eslint-disable-next-line no-control-regex -- git forbids these in names.
  return !/[\u0000- \u007F~^:?*[\\]/.test(name) && parts.every((part) => part !== '' && !part.startsWith('.'));
}

/** Reads a ref; null for none, undefined for a file that cannot be read. */
function readRef(folder: string, name: string): string | null | undefined {
  const text = textWithin(folder, name);
  if (text !== undefined) return text;
  return isFile(join(folder, name)) ? undefined : null;
}

function packedRef(commonDir: string, name: string): string | null | undefined {
  const text = readWithin(commonDir, 'packed-refs', maxPackedRefs)?.toString();
  if (text === undefined) return isFile(join(commonDir, 'packed-refs')) ? undefined : null;
  const end = `${text}\n`.indexOf(` ${name}\n`);
  return end < 0 ? null : text.slice(text.lastIndexOf('\n', end - 1) + 1, end);
}

function isFile(path: string): boolean {
  return statAt(path)?.isDirectory() === false;
}
