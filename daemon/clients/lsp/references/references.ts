import { findPaths } from './find-paths.ts';
import { findPlain } from './find-plain.ts';
import { findUris } from './find-uris.ts';
import type { Reference } from './reference.ts';

/** References of one text that are examined at most. */
export const maxReferences = 5000;

/** Languages by file ending, with the ids that editors use. */
const extensions: Record<string, string> = {
  py: 'python',
  pyi: 'python',
  ipynb: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  jsonc: 'jsonc',
  toml: 'toml',
  sh: 'shellscript',
  bash: 'shellscript',
  zsh: 'shellscript',
  md: 'markdown',
  dockerfile: 'dockerfile',
};

/** Languages in which references are searched, by the editor's id. */
export const languages = ['python', 'yaml', 'json', 'jsonc', 'toml', 'shellscript', 'dockerfile', 'markdown'] as const;

/** Globs of the files that an editor is to watch. Braces are not nested, because VS Code does not understand nested ones. */
export const watchedFiles = [
  `**/*.{${Object.keys(extensions).join(',')}}`,
  '**/{Dockerfile,Containerfile}*',
  '**/plinth.lock',
];

/** Returns the language of a file by its name; undefined if it is not searched. */
export function languageOf(path: string): string | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  if (name.startsWith('dockerfile') || name === 'containerfile') return 'dockerfile';
  return extensions[name.slice(name.lastIndexOf('.') + 1)];
}

/**
 * Returns every reference in a text, in order. `isModel`: true for an existing model; without `models:/` only those count. Never
 * throws. Pure.
 */
export function findReferences(text: string, language: string, isModel: (name: string) => boolean): Reference[] {
  const uris = findUris(text, maxReferences);
  const plain = findPlain(text, isModel, maxReferences);
  const paths = language === 'python' ? findPaths(text, maxReferences) : [];
  const taken = new Set(uris.map(({ modelStart }) => modelStart));
  const free = plain.filter(({ modelStart }) => !taken.has(modelStart));
  return [...uris, ...free, ...paths].toSorted((a, b) => a.start - b.start).slice(0, maxReferences);
}
