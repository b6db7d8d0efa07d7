import { isObject, type Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Folder, Inspection, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { filesBelow } from './list-files.ts';
import { modelFacts } from './facts.ts';
import { field, numbers } from '../../../formats/text/json-access.ts';
import { boundedMetadata } from './metadata.ts';
import { spacyConfig, trainedComponents } from './spacy-config.ts';
import { readConfig } from './transformers-config.ts';

const maxConfig = 1024 * 1024;

/**
 * Folders of spaCy's Language.to_disk: meta.json, config.cfg, tokenizer, vocab and a folder for each component. Files are written
 * in place one by one, so a folder has no end marker.
 */
export const spacy: Recogniser = {
  name: 'spacy',
  endings: [],
  findGroups: (folder) => (isPipeline(folder) ? [groupOf(folder)] : []),
  inspect(group, open) {
    const meta = readConfig(open, 'meta.json');
    if (meta === undefined) return { state: 'partial', reason: 'meta.json is not complete.' };
    if (typeof field(meta, 'lang') !== 'string' || !Array.isArray(field(meta, 'pipeline')))
      return { state: 'foreign', reason: 'meta.json does not describe a spaCy pipeline.' };
    return inspectPipeline(group, meta, configText(open));
  },
};

function isPipeline(folder: Folder): boolean {
  const { files, folders } = folder;
  return files.has('meta.json') && files.has('config.cfg') && (folders.has('vocab') || files.has('tokenizer'));
}

function groupOf(folder: Folder): FileGroup {
  const lacking = ['tokenizer', 'vocab'].find((name) => !folder.files.has(name) && !folder.folders.has(name));
  const missing = lacking === undefined ? {} : { missing: `${lacking} is missing.` };
  return { primary: 'meta.json', files: filesBelow(folder), wholeFolder: true, ...missing };
}

function configText(open: OpenFile): string {
  const source = open('config.cfg');
  return source === undefined ? '' : new TextDecoder().decode(source.read(0, Math.min(source.size, maxConfig)));
}

function inspectPipeline(group: FileGroup, meta: Json, config: string): Inspection {
  const lacking = trainedComponents(config).find((name) => !group.files.some((file) => file.startsWith(`${name}/`)));
  if (lacking !== undefined) return { state: 'partial', reason: `The component ${lacking.slice(0, 100)} is missing.` };
  const bare = group.files.some((file) => file.startsWith('vocab/'));
  if (!bare) return { state: 'partial', reason: 'The vocabulary is missing.' };
  return { state: 'unmarked', facts: factsOf(meta, config) };
}

function factsOf(meta: Json, config: string): ModelFacts {
  const version = field(meta, 'spacy_version');
  const labels = field(meta, 'labels');
  return modelFacts({
    framework: 'spacy',
    frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
    format: 'spacy pipeline folder',
    params: { lang: field(meta, 'lang') ?? null, pipeline: field(meta, 'pipeline') ?? null, ...spacyConfig(config) },
    metrics: numbers(field(meta, 'performance')),
    metadata: boundedMetadata({
      name: field(meta, 'name') ?? null,
      version: field(meta, 'version') ?? null,
      description: field(meta, 'description') ?? null,
      license: field(meta, 'license') ?? null,
      labels: isObject(labels) ? labels : null,
      vectors: field(meta, 'vectors') ?? null,
    }),
  });
}
