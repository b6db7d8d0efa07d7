import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import type { Folder, OpenFile } from '../../../../daemon/ingest/artifact/recogniser.ts';

const samples = new URL('../../../fixtures/samples/', import.meta.url).pathname;

export function sample(path: string): string {
  return join(samples, path);
}

export function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(sample(path)));
}

/** Returns a real folder in the scanner's form. */
export function folderAt(path: string): Folder {
  const entries = readdirSync(path, { withFileTypes: true });
  const names = (keep: (entry: (typeof entries)[number]) => boolean): Set<string> =>
    new Set(entries.filter(keep).map((entry) => entry.name));
  return {
    path,
    name: basename(path),
    files: names((entry) => entry.isFile()),
    folders: names((entry) => entry.isDirectory()),
    child: (name) => (existsSync(join(path, name)) ? folderAt(join(path, name)) : undefined),
  };
}

/** Returns a folder that has only file names. */
export function folderOf(name: string, files: string[], below: Record<string, string[]> = {}): Folder {
  return {
    path: `/w/${name}`,
    name,
    files: new Set(files),
    folders: new Set(Object.keys(below)),
    child: (child) => (below[child] === undefined ? undefined : folderOf(child, below[child])),
  };
}

export function openIn(path: string): OpenFile {
  return (relative) => {
    const file = join(path, relative);
    return existsSync(file) && statSync(file).isFile() ? sourceOf(new Uint8Array(readFileSync(file))) : undefined;
  };
}

/** Opens one file that holds the given bytes. */
export function only(name: string, bytes: Uint8Array): OpenFile {
  return (path) => (path === name ? sourceOf(bytes) : undefined);
}
