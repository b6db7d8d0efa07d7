import { createHash } from 'node:crypto';
import { closeSync, readSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { isBelow, openRegular } from '../runtime/file-reader.ts';
import type { Digest } from '../protocol/model.ts';
import { commandsIn, type ShellCommand } from './shell-words.ts';

/**
 * Returns the files that commands call by name: programs and scripts in or below the folder, and other code by its name or mode.
 * Not seen: imports, files that a folder contributes, and names that the shell computes.
 */

/** Digest of each file's content by its path relative to the folder, with `/`. */
export type CalledFiles = Record<string, Digest>;

const maxFiles = 1000;
const maxFileBytes = 64n * 1024n * 1024n;
const chunkBytes = 1 << 20;
/** Programs whose first argument is another program. */
const starters =
  /^(sh|bash|dash|zsh|ksh|fish|python[\d.]*|pypy[\d.]*|node|deno|bun|ruby|perl|php|lua|julia|Rscript|pwsh|powershell|cmd|source|\.|exec|env|nice|nohup|time|command|eval|sudo|run|uv|poetry|pipenv|conda)(\.exe)?$/i;
const code =
  /\.(py|pyw|ipynb|sh|bash|zsh|fish|ksh|js|mjs|cjs|ts|mts|cts|rb|pl|pm|r|jl|lua|php|ps1|bat|cmd|exe|jar|so|dll|mk|sql|ya?ml|toml|ini|cfg|conf|env)$/i;

/**
 * Returns the files that commands call, with digests. `fresh` reads every byte again; otherwise a file with the same fingerprint
 * keeps its digest. `written`: files that the commands create.
 */
export function calledFiles(
  folder: string,
  runs: readonly string[],
  written: readonly string[],
  fresh: boolean,
): CalledFiles {
  const found: CalledFiles = {};
  const skipped = new Set(written.map((name) => join(folder, name)));
  for (const { path, byCall } of runs.flatMap((run) => namedIn(folder, run))) {
    const name = relative(folder, path).split(sep).join('/');
    if (skipped.has(path) || found[name] !== undefined) continue;
    if (Object.keys(found).length >= maxFiles) break;
    const digest = digestOf(path, byCall, fresh);
    if (digest !== undefined) found[name] = digest;
  }
  return found;
}

/** Returns the names of files that were removed, added or changed. */
export function changedFiles(before: CalledFiles, now: CalledFiles): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return names.filter((name) => before[name] !== now[name]);
}

interface Named {
  path: string;
  /** True for a file that the command runs. It counts whatever its name is. */
  byCall: boolean;
}

function namedIn(folder: string, run: string): Named[] {
  const named: Named[] = [];
  let base = folder;
  const add = (name: string, byCall: boolean): void => {
    for (const searched of new Set([base, folder])) {
      const path = join(searched, name);
      if (!isAbsolute(name)) named.push({ path, byCall });
    }
    if (isAbsolute(name) && isBelow(name, folder)) named.push({ path: name, byCall });
  };
  for (const command of commandsIn(run)) {
    namesOf(command).forEach(({ name, byCall }) => add(name, byCall));
    const [first, target] = command.words;
    if (first === 'cd' && target !== undefined) base = isAbsolute(target) ? target : join(base, target);
  }
  return named;
}

/** Returns the names in a command: its first word, the first argument of a shell or interpreter, and a module after `-m` are called. */
function namesOf({ words }: ShellCommand): { name: string; byCall: boolean }[] {
  const found: { name: string; byCall: boolean }[] = [];
  let calls = true;
  for (const [index, word] of words.entries()) {
    if (words[index - 1] === '-m') {
      const path = word.replaceAll('.', '/');
      found.push({ name: `${path}.py`, byCall: true }, { name: `${path}/__main__.py`, byCall: true });
      calls = false;
    }
    const isOption = /^[-+]/.test(word) || /^\w+=/.test(word);
    found.push({ name: word, byCall: calls && !isOption }, { name: `${word}/__main__.py`, byCall: true });
    const at = word.indexOf('=');
    if (at > 0) found.push({ name: word.slice(at + 1), byCall: false });
    if (calls && !isOption) calls = starters.test(basename(word));
  }
  return found;
}

interface CachedCalls {
  fingerprint: string;
  readAt: number;
  digest: Digest;
}

const known = new Map<string, CachedCalls>();
const maxKnown = 500;
/** Resolution of file system clocks: a file that changed this shortly before it was read may have changed again in the same tick. */
const tickMs = 50;

/** Returns the digest of a file; undefined if it does not exist, is no regular file, or is neither called nor code. Links are followed. */
function digestOf(path: string, byCall: boolean, fresh: boolean): Digest | undefined {
  try {
    const real = realpathSync(path);
    const stats = statSync(real, { bigint: true });
    const isCode = byCall || code.test(path) || (stats.mode & 0o111n) !== 0n;
    if (!stats.isFile() || !isCode || stats.size > maxFileBytes) return undefined;
    const before = known.get(real);
    if (!fresh && before?.fingerprint === fingerprintOf(stats) && before.readAt - Number(stats.ctimeMs) > tickMs)
      return before.digest;
    return hashed(real);
  } catch {
    return undefined;
  }
}

function hashed(path: string): Digest {
  const { handle, stats } = openRegular(path);
  try {
    const hash = createHash('sha256');
    const bytes = Buffer.allocUnsafe(chunkBytes);
    for (let left = Number(maxFileBytes); left > 0;) {
      const count = readSync(handle, bytes, 0, chunkBytes, null);
      if (count === 0) break;
      hash.update(bytes.subarray(0, count));
      left -= count;
    }
    const digest: Digest = `sha256:${hash.digest('hex')}`;
    known.delete(path);
    known.set(path, { fingerprint: fingerprintOf(stats), readAt: Date.now(), digest });
    const [oldest] = known.keys();
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
    return digest;
  } finally {
    closeSync(handle);
  }
}

function fingerprintOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}
