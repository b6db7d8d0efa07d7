import { endingOf, mayBeModel } from './endings.ts';
import type { FileEnding, Recogniser } from './recogniser.ts';
import { recognisers } from './recognisers.ts';

/** Lists derived from the declarations of all recognisers. */
export interface FileTypes {
  /** Every declared ending once, longest first. */
  endings: readonly FileEnding[];
  /** Returns a path's base name without its model endings, however many there are; never empty. */
  stemOf(path: string): string;
  /** Returns a rank; a lower one loads more directly. Names without a declared ending come last. */
  loadRank(path: string): number;
  /** True for a file without an ending or with one that many programs use: its first bytes decide. */
  mayNeedFirstBytes(name: string): boolean;
  /** True if a file of this name, in a folder of this name, may be a model. */
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
