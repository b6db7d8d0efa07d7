import { parse } from 'yaml';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { ModelFacts, SignatureField } from '../../../protocol/artifact.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { field } from '../../../formats/text/json-access.ts';

/** Largest MLmodel file that is read, in bytes. */
export const maxMlmodel = 512 * 1024;
const maxNesting = 100;
const maxFields = 1000;
/** Keys of a flavour that name a file or folder of the model. Source: mlflow, each flavour's save_model. */
const pathKeys = new Set([
  'model_path', 'pickled_model', 'model_data', 'data', 'saved_model_dir', 'python_model', 'code', 'model_binary', 'components', 'path', 'conda', 'virtualenv',
]); // prettier-ignore
/** Flavours whose framework has another name. */
const frameworks = new Map([
  ['sklearn', 'scikit-learn'],
  ['sentence_transformers', 'sentence-transformers'],
  ['python_function', 'mlflow'],
]);

/** Parses an MLmodel file; undefined while it does not parse to a map. Never throws. */
export function readMlmodel(source: Source | undefined): Record<string, Json> | undefined {
  if (source === undefined || source.size > maxMlmodel) return undefined;
  const text = new TextDecoder().decode(source.read(0, source.size));
  if (isNestedDeeply(text)) return undefined;
  try {
    const document = parse(text, {
      maxAliasCount: 100,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    }) as Json;
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** True for a nesting that MLflow never writes, as the parser recurses. Brackets in text count too, so the limit is generous. */
function isNestedDeeply(text: string): boolean {
  let lists = 0;
  let maps = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[') lists++;
    else if (character === ']') lists = Math.max(0, lists - 1);
    else if (character === '{') maps++;
    else if (character === '}') maps = Math.max(0, maps - 1);
    if (lists + maps > maxNesting) return true;
  }
  const indented = text.split('\n').some((line) => line.search(/\S/) > 2 * maxNesting);
  return indented || /([-?:][ \t]+){12}/.test(text);
}

/** Returns the paths within the folder that the flavours name, without `/` at either end. */
export function pathsIn(flavors: Json, depth = 0): string[] {
  if (!isObject(flavors) || depth > 4) return [];
  return Object.entries(flavors)
    .slice(0, 200)
    .flatMap(([key, value]) => {
      if (typeof value !== 'string') return pathsIn(value, depth + 1);
      const path = value.replace(/^(\.\/)+|\/+$/g, '');
      const isPath = pathKeys.has(key) && path !== '' && !/^\/|\\|:|(^|\/)\.\.(\/|$)/.test(path);
      return isPath ? [path.slice(0, 500)] : [];
    });
}

/**
 * Returns the model's own flavour, which is any but `python_function`, which every model has as well, else the one whose loader
 * `python_function` names.
 */
export function mainFlavor(flavors: Record<string, Json>): string {
  const names = Object.keys(flavors);
  const own = names.find((name) => name !== 'python_function');
  const loader = field(flavors['python_function'], 'loader_module');
  const [, loaded = ''] = typeof loader === 'string' ? (/^mlflow\.(\w+)$/.exec(loader) ?? []) : [];
  return own ?? (loaded === '' || loaded === 'pyfunc' ? 'python_function' : loaded);
}

export function frameworkOf(flavor: string): string {
  return frameworks.get(flavor) ?? flavor.slice(0, 100).replaceAll('_', '-');
}

/** Returns `sklearn_version` of sklearn, `xgb_version` of xgboost, and so on; null for none. */
export function flavorVersion(flavors: Record<string, Json>, flavor: string): string | null {
  const details = flavors[flavor];
  const named = field(details, `${flavor}_version`);
  const keys = Object.keys(isObject(details) ? details : {});
  const other = keys.find((key) => key.endsWith('_version') && !/^(python|schema|format|opset)/.test(key));
  const version = named ?? (other === undefined ? undefined : field(details, other));
  return typeof version === 'string' || typeof version === 'number' ? String(version).slice(0, 50) : null;
}

/** Returns the signature, whose inputs and outputs are JSON texts with lists of columns or tensors; null for none. */
export function signatureIn(document: Record<string, Json>): ModelFacts['signature'] {
  const signature = document['signature'];
  const inputs = fieldsIn(field(signature, 'inputs'));
  const outputs = fieldsIn(field(signature, 'outputs'));
  return inputs.length + outputs.length === 0 ? null : { inputs, outputs };
}

function fieldsIn(text: Json | undefined): SignatureField[] {
  if (typeof text !== 'string') return [];
  try {
    const list = parseJson(text);
    return Array.isArray(list) ? list.slice(0, maxFields).map(fieldOf) : [];
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

function fieldOf(item: Json, index: number): SignatureField {
  const name = field(item, 'name');
  const type = field(item, 'type');
  const tensor = field(item, 'tensor-spec');
  const dtype = field(tensor, 'dtype') ?? type;
  const shape = field(tensor, 'shape');
  const sides = Array.isArray(shape) ? shape.filter((side) => typeof side === 'number').slice(0, 64) : [];
  return {
    name: typeof name === 'string' ? name.slice(0, 200) : String(index),
    dtype: typeof dtype === 'string' ? dtype.slice(0, 100) : 'unknown',
    shape: sides.map((side) => (side < 0 ? '?' : side)),
  };
}
