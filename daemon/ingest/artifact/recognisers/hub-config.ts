import { isObject, type Json } from '../../../protocol/json.ts';
import type { OpenFile, FileGroup } from '../recogniser.ts';
import { field } from '../../../formats/text/json-access.ts';
import { isTransformersConfig, readConfig } from './transformers-config.ts';

/** Facts from the configuration of a Hugging Face folder. */
export interface HubConfig {
  framework: 'transformers' | 'peft' | 'sentence-transformers' | 'diffusers';
  version: string | null;
  format: string;
  modelClass: string | null;
  params: Record<string, Json>;
  metadata: Record<string, Json>;
}

/** Keys that do not describe the model. */
const notParams = new Set([
  'transformers_version',
  '_name_or_path',
  'peft_version',
  'revision',
  '__proto__',
  'base_model_name_or_path',
]);

/** Reads the configuration of an artifact in the form of the library that wrote it; undefined for none. */
export function hubConfig(group: FileGroup, open: OpenFile): HubConfig | undefined {
  if (group.files.includes('model_index.json')) return pipeline(readConfig(open, 'model_index.json'));
  if (group.files.includes('adapter_config.json')) return adapter(readConfig(open, 'adapter_config.json'));
  const folder = group.files.includes('config.json') ? '' : firstModule(group);
  const config = readConfig(open, `${folder}config.json`);
  const model = isTransformersConfig(config) ? transformers(config) : undefined;
  if (!group.files.includes('modules.json')) return model;
  return sentenceTransformers(
    readConfig(open, 'config_sentence_transformers.json'),
    readConfig(open, 'modules.json'),
    model,
  );
}

/** Returns the folder of the transformer, `0_Transformer/`, of sentence-transformers before version 3; empty for later ones. */
function firstModule(group: FileGroup): string {
  return group.files.map((path) => /^0_\w+\//.exec(path)?.[0]).find((folder) => folder !== undefined) ?? '';
}

function pipeline(index: Json | undefined): HubConfig | undefined {
  const name = text(field(index, '_class_name'));
  if (name === null) return undefined;
  const components = componentsIn(index);
  return {
    framework: 'diffusers',
    version: text(field(index, '_diffusers_version')),
    format: 'diffusers pipeline',
    modelClass: name,
    params: {},
    metadata: { components: Object.fromEntries(components.slice(0, 100)) },
  };
}

/** Returns the components in diffusers' index with their classes. Components that are left out have none. */
export function componentsIn(index: Json | undefined): [name: string, kind: string][] {
  return Object.entries(isObject(index) ? index : {}).flatMap(([name, value]): [string, string][] => {
    const kind = Array.isArray(value) && value.length === 2 && value[0] !== null ? value[1] : undefined;
    return typeof kind === 'string' && /^\w+$/.test(name) && name !== '__proto__' ? [[name, kind.slice(0, 200)]] : [];
  });
}

function transformers(config: Json | undefined): HubConfig {
  const diffusers = text(field(config, '_diffusers_version'));
  const architectures = field(config, 'architectures');
  return {
    framework: diffusers === null ? 'transformers' : 'diffusers',
    version: diffusers ?? text(field(config, 'transformers_version')),
    format: diffusers === null ? 'transformers folder' : 'diffusers folder',
    modelClass: text(Array.isArray(architectures) ? architectures[0] : field(config, '_class_name')),
    params: paramsIn(config),
    metadata: {},
  };
}

function adapter(config: Json | undefined): HubConfig | undefined {
  const type = text(field(config, 'peft_type'));
  if (type === null) return undefined;
  const base = text(field(config, 'base_model_name_or_path'));
  return {
    framework: 'peft',
    version: text(field(config, 'peft_version')),
    format: `peft ${type.toLowerCase()}`,
    modelClass: text(field(field(config, 'auto_mapping'), 'base_model_class')),
    params: paramsIn(config),
    metadata: base === null ? {} : { baseModel: base },
  };
}

function sentenceTransformers(
  own: Json | undefined,
  modules: Json | undefined,
  model: HubConfig | undefined,
): HubConfig {
  const types = (Array.isArray(modules) ? modules : [])
    .slice(0, 50)
    .flatMap((module) => text(field(module, 'type')) ?? []);
  return {
    framework: 'sentence-transformers',
    version: text(field(field(own, '__version__'), 'sentence_transformers')),
    format: 'sentence-transformers folder',
    modelClass: text(field(own, 'model_type')) ?? 'SentenceTransformer',
    params: model?.params ?? {},
    metadata: {
      modules: types.map((type) => type.slice(type.lastIndexOf('.') + 1)),
      versions: field(own, '__version__') ?? null,
    },
  };
}

/** Returns the configuration without bookkeeping, nulls and long tables, such as the labels of a thousand classes. */
function paramsIn(config: Json | undefined): Record<string, Json> {
  const entries = Object.entries(isObject(config) ? config : {});
  return Object.fromEntries(
    entries.filter(([key, value]) => value !== null && !notParams.has(key) && JSON.stringify(value).length <= 2000),
  );
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value.slice(0, 200) : null;
}
