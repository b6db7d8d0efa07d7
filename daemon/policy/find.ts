import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import type { Context } from '../context.ts';
import { deletedModels } from '../db/models.ts';
import { policyRow } from '../db/policy/policies.ts';
import { watchedRoots } from '../db/roots.ts';
import { systemCode } from '../errors.ts';
import { openLinked, readWhole, unreadableReason, statAt } from '../runtime/file-reader.ts';
import { maxPlinthFileBytes } from './parse.ts';

/** A plinth.yaml as it is on disk now. */
export interface PolicyText {
  path: string;
  text: string;
  /** `sha256:…` of the text; of the empty text if unreadable. */
  digest: string;
  /** Why it cannot be read; null if it can. */
  problem: string | null;
}

/** Returns the plinth.yaml of each watched folder: in it, or above it up to the top of its repository. */
export function rootFiles(ctx: Context): PolicyText[] {
  const found = watchedRoots(ctx.db).flatMap(({ path }) => nearestFile(ctx, join(path, 'x')) ?? []);
  return found.filter(({ path }, index) => found.findIndex((one) => one.path === path) === index);
}

/** Returns the file that a deleted model of this name was bound to; undefined for none. Recreating a model does not drop its policy. */
export function formerFile(ctx: Context, name: string): PolicyText | undefined {
  const id = deletedModels(ctx.db, name).find((model) => policyRow(ctx.db, model));
  return id === undefined ? undefined : boundFile(ctx, id);
}

/** Returns the file that a model is bound to; undefined for none. A missing file is a problem, as deleting it must not end its policy. */
export function boundFile(ctx: Context, model: string): PolicyText | undefined {
  const row = policyRow(ctx.db, model);
  if (!row) return undefined;
  const gone = `it no longer exists; restore it, or name another file with: plinth policy`;
  return readText(row.path) ?? { path: row.path, text: '', digest: row.digest, problem: gone };
}

/** Returns the nearest plinth.yaml in or above the folder of a file, up to the top of its repository or watched folder; undefined for none. */
export function nearestFile(ctx: Context, file: string): PolicyText | undefined {
  if (!isAbsolute(file)) return undefined;
  const folder = dirname(file);
  const root = watchedRoots(ctx.db).find(({ path }) => isIn(folder, path))?.path ?? folder;
  const top = topOf(root);
  for (let at = folder; isIn(at, top); at = dirname(at)) {
    const found = readText(join(at, 'plinth.yaml'), top);
    if (found || at === dirname(at)) return found;
  }
  return undefined;
}

function isIn(folder: string, top: string): boolean {
  return folder === top || folder.startsWith(top.endsWith(sep) ? top : top + sep);
}

function topOf(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    if (statAt(join(at, '.git'))) return at;
    if (dirname(at) === at) return root;
  }
}

/** Reads a policy file; undefined if there is none. A link is followed within `top`, by default the file's repository or folder. */
export function readText(path: string, top = topOf(dirname(path))): PolicyText | undefined {
  try {
    // Most folders have none: this is many times as fast as the error of opening it.
    if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
    const text = readWhole(openLinked(path, [top]), maxPlinthFileBytes).toString('utf8');
    return { path, text, digest: digestOf(text), problem: null };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '') && !isLink(path)) return undefined;
    return { path, text: '', digest: digestOf(''), problem: unreadableReason(error) };
  }
}

/** True for a link, which counts as an existing file even if its target is missing, so that breaking it does not end its policy. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
