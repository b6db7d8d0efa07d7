import { existsSync, readFileSync } from 'node:fs';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import type {
  Folder,
  Inspection,
  OpenFile,
  Recogniser,
  FileGroup,
} from '../../../../daemon/ingest/artifact/recogniser.ts';
import type { ModelFacts } from '../../../../daemon/protocol/artifact.ts';

export const SAMPLES = new URL('../../../fixtures/samples/', import.meta.url);

/** Makes a folder with these files. */
export function folderOf(...files: string[]): Folder {
  return { path: '/x', name: 'x', files: new Set(files), folders: new Set(), child: () => undefined };
}

export function groupOf(recogniser: Recogniser, ...files: string[]): FileGroup {
  const [group] = recogniser.findGroups(folderOf(...files));
  if (!group) throw new Error(`${recogniser.name} recognises none of ${files.join()}`);
  return group;
}

/** Returns the recogniser's result for a sample file. Its neighbours in `files` are grouped with it. */
export function inspectSample(recogniser: Recogniser, folder: string, ...files: string[]): Inspection {
  return recogniser.inspect(groupOf(recogniser, ...files), openIn(folder));
}

export function openIn(folder: string): OpenFile {
  return (path) => {
    const url = new URL(`${folder}/${path}`, SAMPLES);
    return existsSync(url) ? sourceOf(readFileSync(url)) : undefined;
  };
}

export function inspectBytes(recogniser: Recogniser, name: string, bytes: Uint8Array): Inspection {
  return recogniser.inspect(groupOf(recogniser, name), (path) => (path === name ? sourceOf(bytes) : undefined));
}

export function factsOf(inspection: Inspection): ModelFacts {
  if (!('facts' in inspection)) throw new Error(`it is ${inspection.state}: ${inspection.reason}`);
  return inspection.facts;
}

/** Returns the states of the file when it is cut at `cuts` places from beginning to end. */
export function statesOfCuts(recogniser: Recogniser, folder: string, name: string, cuts = 200): Set<string> {
  const bytes = readFileSync(new URL(`${folder}/${name}`, SAMPLES));
  const open = openIn(folder);
  const states = new Set<string>();
  const ends = Array.from({ length: cuts }, (_, at) => Math.floor((at * bytes.length) / cuts));
  for (const end of [...ends, bytes.length - 2, bytes.length - 1]) {
    const cut = bytes.subarray(0, end);
    const group = groupOf(recogniser, name);
    states.add(recogniser.inspect(group, (path) => (path === name ? sourceOf(cut) : open(path))).state);
  }
  return states;
}
