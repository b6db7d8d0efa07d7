import type { Source } from '../../../formats/source.ts';
import { field } from '../../../formats/text/json-access.ts';
import type { Folder, FileGroup, Inspection, OpenFile, Recogniser } from '../recogniser.ts';
import { inspectCoreml } from './coreml.ts';
import { filesBelow } from './list-files.ts';
import { lackingPart } from './part-files.ts';
import { readConfig } from './transformers-config.ts';
import { isObject } from '../../../protocol/json.ts';

const manifest = 'Manifest.json';
const maxProgramBytes = 32 << 20;

/** Core ML packages: folders `X.mlpackage` with a manifest, the model and its weights. */
export const coremlPackage: Recogniser = {
  name: 'coreml-package',
  endings: [],
  findGroups: (folder) => (/\.mlpackage$/i.test(folder.name) && folder.files.has(manifest) ? [packageIn(folder)] : []),
  inspect: inspectPackage,
};

function packageIn(folder: Folder): FileGroup {
  return { primary: manifest, files: filesBelow(folder), wholeFolder: true };
}

function inspectPackage(group: FileGroup, open: OpenFile): Inspection {
  const items = itemsIn(open);
  if (items === undefined) return { state: 'partial', reason: `${manifest} is not complete.` };
  const isThere = (item: string): boolean =>
    group.files.some((file) => file === `Data/${item}` || file.startsWith(`Data/${item}/`));
  const lacking = items.find((item) => !isThere(item));
  if (lacking !== undefined)
    return { state: 'partial', reason: `Data/${lacking.slice(0, 200)}, which ${manifest} names, is missing.` };
  const model = items.find((item) => /\.mlmodel$/i.test(item));
  if (model === undefined) return { state: 'foreign', reason: `${manifest} names no model.` };
  const source = open(`Data/${model}`);
  const folder = model.slice(0, model.lastIndexOf('/') + 1);
  const named = source ? weightsIn(source).map((path) => `Data/${folder}${path}`) : [];
  const reason = lackingPart({ ...group, files: [...new Set([...group.files, ...named])] }, open);
  return reason === undefined
    ? { ...inspectCoreml(`Data/${model}`, source), named }
    : { state: 'partial', reason, named };
}

/** Returns the paths of a package's items, below `Data/`; undefined if the manifest cannot be read. */
function itemsIn(open: OpenFile): string[] | undefined {
  const entries = field(readConfig(open, manifest), 'itemInfoEntries');
  if (!isObject(entries)) return undefined;
  const paths = Object.values(entries).map((entry) => field(entry, 'path'));
  return paths.filter((path) => typeof path === 'string' && isInside(path)) as string[];
}

/** Returns the weight files that a program names, relative to its folder. */
function weightsIn(source: Source): string[] {
  const text = Buffer.from(source.read(0, Math.min(source.size, maxProgramBytes))).toString('latin1');
  const named = [...text.matchAll(/@model_path\/([\w./-]{1,200})/g)].map(([, path]) => path ?? '');
  return [...new Set(named)].filter(isInside).slice(0, 1000);
}

function isInside(path: string): boolean {
  return path !== '' && !/^\/|\\|\0|(^|\/)\.\.(\/|$)/.test(path);
}
