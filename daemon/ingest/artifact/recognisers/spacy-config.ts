import type { Json } from '../../../protocol/json.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { FormatError } from '../../../formats/source.ts';

const maxParams = 300;
const maxValue = 500;
/** Sections that describe the pipeline and its training; the others hold paths. */
const wanted = /^(nlp|training|components|pretraining)(\.|$)/;

/** Returns the params in a spaCy config.cfg (INI with JSON values) by their dotted names: `training.dropout`. */
export function spacyConfig(text: string): Record<string, Json> {
  const params: [string, Json][] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const heading = /^\[([\w.-]+)\]\s*$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const [, key, written = ''] = /^([\w.@-]+)\s*=\s*(.+)$/.exec(line) ?? [];
    if (key === undefined || !wanted.test(section) || written.length > maxValue || params.length >= maxParams) continue;
    const value = valueOf(written.trim());
    if (value !== null) params.push([`${section}.${key}`, value]);
  }
  return Object.fromEntries(params);
}

/** Parses a value; references to other sections (`${paths.train}`) stay text. */
function valueOf(written: string): Json {
  try {
    return parseJson(written);
  } catch (error) {
    if (error instanceof FormatError) return written;
    throw error;
  }
}

/** Returns the components with a model of their own, which have a folder on disk. Rules and functions may have none. */
export function trainedComponents(text: string): string[] {
  return [...text.matchAll(/^\[components\.([\w-]+)\.model\]/gm)].map((match) => match[1] as string).slice(0, 200);
}
