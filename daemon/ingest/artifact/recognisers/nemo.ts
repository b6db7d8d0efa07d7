import type { FileGroup, Folder, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { filesBelow } from './list-files.ts';
import { lackingPart } from './part-files.ts';

/**
 * Checkpoints of NeMo 2: `context/` and `weights/` in one folder. A file `<name>-unfinished` beside it marks a folder that is
 * being saved.
 */
export const nemo: Recogniser = {
  name: 'nemo',
  endings: [],
  findGroups(folder) {
    if (folder.folders.has('weights') && folder.folders.has('context')) return groupIn(filesBelow(folder));
    return [...folder.files].flatMap((name) => unfinishedIn(folder, /^(.+)-unfinished$/.exec(name)?.[1]));
  },
  inspect(group, open) {
    const lacking = lackingPart(group, open, (file) => !file.startsWith('weights/'));
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const parts = group.files.filter((file) => file.endsWith('.distcp')).length;
    return {
      state: 'unmarked',
      facts: modelFacts({ framework: 'nemo', format: 'nemo 2 checkpoint', metadata: { parts } }),
    };
  },
};

/** Returns the checkpoint that a mark in its parent folder declares unfinished. */
function unfinishedIn(folder: Folder, name: string | undefined): FileGroup[] {
  const child = name === undefined ? undefined : folder.child(name);
  const groups = child === undefined ? [] : groupIn(filesBelow(child));
  return groups.map(({ primary, files }) => ({
    primary: `${name}/${primary}`,
    files: files.map((file) => `${name}/${file}`),
    wholeFolder: true,
    missing: `${name}-unfinished is beside it, so it is still being saved.`,
  }));
}

function groupIn(files: string[]): FileGroup[] {
  const isContext = files.some((file) => /^context\/(io\.json|model\.yaml)$/.test(file));
  const primary = files.find((file) => /^weights\/.*(\.distcp|common\.pt)$/.test(file));
  if (!isContext || primary === undefined) return [];
  const isWhole = files.includes('weights/metadata.json') || files.includes('weights/.metadata');
  return [{ primary, files, wholeFolder: true, ...(isWhole ? {} : { missing: 'The weights have no metadata yet.' }) }];
}
