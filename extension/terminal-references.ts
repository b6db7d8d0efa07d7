import type { Model } from '../daemon/protocol/model.ts';

/** A version that a line of a terminal names. */
export interface TerminalReference {
  start: number;
  length: number;
  model: string;
  number: number;
}

/** What the registry and its clients print. The groups are the model and the version, stage or alias. */
const patterns = [
  /models:\/([^\s/@"'`]+)(?:\/|@)([\p{L}\p{N}_.-]+)/gu,
  /(?<![\p{L}\p{N}._/-])([\p{L}\p{N}_][\p{L}\p{N}._-]*)@@?([\p{L}\p{N}_-]+)\b/gu,
  /(?:registered|completed|Deleted) ([\p{L}\p{N}_][\p{L}\p{N}._-]*) (v\d+)\b/gu,
];

/** Lines of programs can have megabytes; a reference beyond this is not looked for. */
const maxLine = 2000;

/** Finds the versions that a line names. Only models that exist are named, so that `lodash@4` is no link. Pure. */
export function findReferences(line: string, models: readonly Model[]): TerminalReference[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const found: TerminalReference[] = [];
  for (const pattern of patterns)
    for (const { index, 0: text, 1: name = '', 2: version = '' } of line.slice(0, maxLine).matchAll(pattern)) {
      const model = byName.get(decoded(name));
      const number = model && numberOf(model, version);
      const isTaken = found.some(({ start, length }) => index < start + length && start < index + text.length);
      if (model && number !== undefined && !isTaken)
        found.push({ start: index, length: text.length, model: model.name, number });
    }
  return found.toSorted((a, b) => a.start - b.start);
}

/** Returns the number of `7`, `v7`, `latest`, or of the current version of a stage or alias; undefined for none. */
function numberOf({ pointers, latest }: Model, version: string): number | undefined {
  if (/^v?\d+$/.test(version)) return Number(version.replace('v', ''));
  if (version === 'latest') return latest ?? undefined;
  return pointers.find(({ name }) => name.toLowerCase() === version.toLowerCase())?.holder ?? undefined;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
