import { isObject, type Json } from '../../../protocol/json.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { FormatError } from '../../../formats/source.ts';
import type { OpenFile } from '../recogniser.ts';
import { field } from '../../../formats/text/json-access.ts';

const maxBytes = 16 * 1024 * 1024;

/** Parses a small JSON file of a folder; undefined if it does not exist or does not parse. */
export function readConfig(open: OpenFile, path: string): Json | undefined {
  try {
    const source = open(path);
    if (source === undefined || source.size > maxBytes) return undefined;
    return parseJson(new TextDecoder().decode(source.read(0, source.size)));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** True for the config.json of transformers or a similar library. Scripts also write files of that name. */
export function isTransformersConfig(config: Json | undefined): boolean {
  if (!isObject(config)) return false;
  const architectures = field(config, 'architectures');
  if (Array.isArray(architectures) || typeof field(config, 'transformers_version') === 'string') return true;
  return typeof field(config, '_diffusers_version') === 'string' || typeof field(config, 'model_type') === 'string';
}
