import { endingOf, mayBeModel } from './endings.ts';
import type { FileEnding, Recogniser } from './recogniser.ts';
import { recognisers } from './recognisers.ts';

/** Joins the declarations of all recognisers. */
export interface FileTypes {
  /** Every declared ending once, the longest first. */
  endings: readonly FileEnding[];
  /** A path's base name without the endings of models, as often as they are there; never empty. */
  stemOf(path: string): string;
  /** Lower loads more directly; names without a declared ending come last. */
  loadRank(path: string): number;
  /** True for files without an ending, or with one that is too common to say anything: their first bytes decide. */
  mayNeedFirstBytes(name: string): boolean;
  /** True where a file of this name, in a folder of this name, could be a model. */
  isModelLike(name: string, folder: string): boolean;
}

export function fileTypesOf(all: readonly Recogniser[]): FileTypes {
  const endings = all.flatMap((recogniser) => recogniser.endings);
  return {
    endings,
    stemOf: (path) => withoutEndings(endings, baseName(path)),
    loadRank: (path) => endingOf(endings, baseName(path))?.loadRank ?? Number.MAX_SAFE_INTEGER,
    mayNeedFirstBytes: (name) => !name.includes('.') || endingOf(endings, name)?.byContent === true,
    isModelLike: (name, folder) => all.some((recogniser) => mayBeModel(recogniser.endings, name, folder)),
  };
}

export const { stemOf, loadRank, isModelLike, mayNeedFirstBytes } = fileTypesOf(recognisers);

function withoutEndings(endings: readonly { ending: string }[], name: string): string {
  for (let rest = name; ;) {
    const found = endingOf(endings, rest);
    if (found === undefined) return rest;
    rest = rest.slice(0, -found.ending.length);
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
