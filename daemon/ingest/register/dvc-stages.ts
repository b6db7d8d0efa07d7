import { isObject } from '../../protocol/json.ts';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { statAt } from '../../runtime/file-reader.ts';
import { openSource } from '../artifact/file-source.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

const names = ['dvc.yaml', 'dvc.lock'];
const maxBytes = 256 * 1024;

/** Returns true if a dvc.yaml or dvc.lock above the file has a stage that writes the file and depends on the artifact. */
export function isStageInput({ folder, path, root, group }: ArtifactFiles, log: string): boolean {
  const model = group.wholeFolder ? folder : path;
  for (let at = dirname(log); at.startsWith(root); at = dirname(at)) {
    const stages = names.flatMap((name) => stagesIn(join(at, name), root));
    if (stages.some(({ deps, outs }) => deps.some((one) => isIn(model, one)) && outs.some((one) => isIn(log, one))))
      return true;
    if (at === dirname(at)) break;
  }
  return false;
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

interface Stage {
  deps: string[];
  outs: string[];
}

function stagesIn(file: string, root: string): Stage[] {
  const document = documentAt(file, root);
  const stages = isObject(document) && isObject(document['stages']) ? Object.values(document['stages']) : [];
  return stages.filter(isObject).map((stage) => {
    const folder = typeof stage['wdir'] === 'string' ? join(dirname(file), stage['wdir']) : dirname(file);
    const pathsOf = (...keys: string[]): string[] =>
      keys.flatMap((key) => pathsIn(stage[key])).map((path) => join(folder, path));
    return { deps: pathsOf('deps'), outs: pathsOf('outs', 'metrics', 'plots') };
  });
}

/** `- model.pkl`, `- metrics.json: {cache: false}` of dvc.yaml; `- path: model.pkl` of dvc.lock. Source: dvc.org/doc/user-guide/project-structure */
function pathsIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [entry];
    if (!isObject(entry)) return [];
    return typeof entry['path'] === 'string' ? [entry['path']] : Object.keys(entry).slice(0, 1);
  });
}

function documentAt(file: string, root: string): unknown {
  if ((statAt(file)?.size ?? Infinity) > maxBytes) return undefined;
  try {
    const source = openSource(file, root);
    try {
      return parse(Buffer.from(source.read(0, source.size)).toString('utf8'), { logLevel: 'silent' }) as unknown;
    } finally {
      source.close();
    }
  } catch {
    return undefined;
  }
}
