import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport, Problem, Tensor } from '../../../protocol/artifact.ts';
import { joinReadings } from '../../../formats/pickle/pickle-safety.ts';
import type { Inspection, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { mainProblem, modelFacts } from './facts.ts';
import { findHubGroups } from './hub-groups.ts';
import { isWeightFile } from './hub-files.ts';
import { flaxWeights, kerasWeights } from './hub-weights.ts';
import { componentsIn, hubConfig } from './hub-config.ts';
import type { HubConfig } from './hub-config.ts';
import { field } from '../../../formats/text/json-access.ts';
import { shardsIn } from '../../../formats/tensors/shards.ts';
import { inspectSafetensors, readPart } from './tensor-file.ts';
import type { Stopped } from './tensor-file.ts';
import { inspectTorch } from './torch-file.ts';
import { readConfig } from './transformers-config.ts';
import { trainingArguments } from './training-arguments.ts';

/** Folders of transformers, PEFT, diffusers and sentence-transformers: a configuration, weights and companions. */
export const huggingface: Recogniser = {
  name: 'huggingface',
  endings: [],
  findGroups: findHubGroups,
  inspect(group, open) {
    const config = hubConfig(group, open);
    if (config === undefined) return inspectPlain(group, open);
    const shards = shardsNamed(group, open);
    if (typeof shards === 'string') return { state: 'partial', reason: shards };
    const lacking =
      group.missing ??
      missingComponent(group, open) ??
      missingModule(group, open) ??
      lackingWeight(group, shards, open) ??
      cutCompanion(group, open);
    const inspection: Inspection =
      lacking === undefined
        ? inspectWhole(config, { ...group, files: [...new Set([...group.files, ...shards])] }, open)
        : { state: 'partial', reason: lacking };
    return shards.length === 0 ? inspection : { ...inspection, named: shards };
  },
};

function inspectWhole(config: HubConfig, group: FileGroup, open: OpenFile): Inspection {
  const weights = readWeights(group, open);
  if ('state' in weights) return weights;
  const training = trainingArguments(open);
  if (training.cut) return { state: 'partial', reason: 'training_args.bin is not complete.' };
  const reports = [...weights.reports, ...(training.report === null ? [] : [training.report])];
  return { state: 'whole', facts: factsOf(config, weights, training.params, reports) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Inspects a folder whose configuration is of no known library. One that does not parse may still be written; one that does is a
 * script's own, and its weights are a model.
 */
function inspectPlain(group: FileGroup, open: OpenFile): Inspection {
  const path = group.files.includes('adapter_config.json') ? 'adapter_config.json' : 'config.json';
  const cut = group.files.includes(path) && readConfig(open, path) === undefined;
  if (cut) return { state: 'partial', reason: `${path} is not complete.` };
  const paths = group.files.filter((file) => file.endsWith('.safetensors'));
  if (paths.length > 0) return inspectSafetensors(paths, open);
  const source = open(group.primary);
  if (source === undefined) return { state: 'partial', reason: `${group.primary} cannot be read.` };
  return inspectTorch(source, baseName(group.primary));
}

/** Returns a sentence about a component that the index names and whose folder or weights are missing; undefined for none. */
function missingComponent(group: FileGroup, open: OpenFile): string | undefined {
  if (!group.files.includes('model_index.json')) return undefined;
  const isThere = ([name, kind]: [string, string]): boolean => {
    const files = group.files.filter((file) => file.startsWith(`${name}/`));
    return withoutWeights.test(kind) ? files.length > 0 : files.some(isWeightFile);
  };
  const lacking = componentsIn(readConfig(open, 'model_index.json')).find((component) => !isThere(component));
  return lacking === undefined ? undefined : `The component ${lacking[0].slice(0, 100)} (${lacking[1]}) is missing.`;
}

const withoutWeights = /(Scheduler|Tokenizer\w*|FeatureExtractor|ImageProcessor\w*|Processor|Guider)$/;

function missingModule(group: FileGroup, open: OpenFile): string | undefined {
  if (!group.files.includes('modules.json')) return undefined;
  const modules = readConfig(open, 'modules.json');
  if (!Array.isArray(modules)) return 'modules.json is not complete.';
  const paths = modules.slice(0, 100).map((module) => field(module, 'path'));
  const lacking = paths
    .filter((path) => typeof path === 'string')
    .find((path) => path !== '' && !hasModule(group, path));
  return lacking === undefined ? undefined : `The module ${lacking.slice(0, 100)} is missing.`;
}

/** True if a module's folder has files. A module without parameters (normalisation) needs none. */
function hasModule(group: FileGroup, path: string): boolean {
  return /Normalize/.test(path) || group.files.some((file) => file.startsWith(`${path}/`));
}

/** Returns the files that indices name, relative to the folder; a sentence if an index is incomplete. */
function shardsNamed(group: FileGroup, open: OpenFile): string[] | string {
  const found = new Set<string>();
  for (const index of group.files.filter((path) => path.endsWith('.index.json'))) {
    const shards = shardsIn(readConfig(open, index));
    if (shards === undefined) return `${index} is not complete.`;
    const folder = index.slice(0, index.length - baseName(index).length);
    const named = shards.map((shard) => `${folder}${shard}`);
    if (isOfOtherFormat(group, folder, named)) continue;
    for (const shard of named) found.add(shard);
  }
  return [...found];
}

/** True for an index that names none of the weights in its folder: it is of another format, whose weights were not downloaded. */
function isOfOtherFormat({ files }: FileGroup, folder: string, named: readonly string[]): boolean {
  return (
    !named.some((file) => files.includes(file)) && files.some((file) => isWeightFile(file) && file.startsWith(folder))
  );
}

/** Returns a sentence about a weight file that is missing or empty; undefined for none. */
function lackingWeight(group: FileGroup, shards: readonly string[], open: OpenFile): string | undefined {
  const weights = new Set([...shards, ...group.files.filter(isWeightFile)]);
  for (const path of weights) {
    const size = open(path)?.size;
    if (size === undefined) return `${path}, which contains weights, is missing.`;
    if (size === 0) return `${path} is empty.`;
  }
  return undefined;
}

/** Returns a sentence about a JSON file that does not end as JSON does; undefined for none. */
function cutCompanion(group: FileGroup, open: OpenFile): string | undefined {
  for (const path of group.files.filter((file) => file.endsWith('.json'))) {
    const source = open(path);
    if (source === undefined) return `${path} cannot be read.`;
    const tail = new TextDecoder('latin1').decode(source.read(Math.max(0, source.size - 64), 64)).trimEnd();
    if (!/[}\]]$/.test(tail)) return `${path} is not complete.`;
  }
  return undefined;
}

interface Weights {
  tensors: Tensor[];
  metadata: Record<string, Json>;
  reports: PickleReport[];
  problems: Problem[];
}

function readWeights(group: FileGroup, open: OpenFile): Weights | Stopped {
  const weights: Weights = { tensors: [], metadata: {}, reports: [], problems: [] };
  const paths = group.files.filter(isWeightFile);
  const tensorsFrom = paths.some((path) => path.endsWith('.safetensors')) ? '.safetensors' : '.bin';
  for (const path of paths) {
    if (path.endsWith('.safetensors')) {
      const part = readPart(path, open);
      if ('state' in part) return part;
      for (const tensor of part.tensors) weights.tensors.push(tensor);
      for (const [key, text] of part.metadata) if (key !== '__proto__') weights.metadata[key] = text.slice(0, 4000);
      continue;
    }
    const stopped = path.endsWith('.bin')
      ? readPickled(path, open, weights, tensorsFrom === '.bin')
      : readOtherWeights(path, open, weights, paths.length === 1);
    if (stopped !== undefined) return stopped;
  }
  return weights;
}

/** Reads weights of TensorFlow or Flax. Their tensors are kept only if there are no others. */
function readOtherWeights(path: string, open: OpenFile, weights: Weights, keep: boolean): Stopped | undefined {
  const source = open(path);
  if (source === undefined) return { state: 'partial', reason: `${path} cannot be read.` };
  const found = /\.h5$/i.test(path) ? kerasWeights(source) : flaxWeights(source);
  if (typeof found === 'string') return { state: 'partial', reason: `${path} is not complete: ${found}` };
  if (keep) for (const tensor of found) weights.tensors.push(tensor);
  return undefined;
}

function readPickled(path: string, open: OpenFile, weights: Weights, keep: boolean): Stopped | undefined {
  const source = open(path);
  if (source === undefined) return { state: 'partial', reason: `${path} cannot be read.` };
  const inspection = inspectTorch(source, baseName(path));
  if (!('facts' in inspection)) return inspection;
  const { facts } = inspection;
  if (keep) for (const tensor of facts.tensors) weights.tensors.push(tensor);
  if (facts.pickle !== null) weights.reports.push(facts.pickle);
  weights.problems.push(...facts.problems.filter(({ code }) => code !== 'imports-main'));
  return undefined;
}

function factsOf(
  config: HubConfig,
  weights: Weights,
  training: Record<string, Json>,
  reports: PickleReport[],
): ModelFacts {
  const pickle = joinReadings(reports) ?? null;
  const main = mainProblem(pickle);
  return modelFacts({
    framework: config.framework,
    frameworkVersion: config.version,
    format: config.format,
    modelClass: config.modelClass,
    tensors: weights.tensors,
    pickle,
    params: { ...config.params, ...training },
    metadata: { ...weights.metadata, ...config.metadata },
    problems: main === undefined ? weights.problems : [...weights.problems, main],
  });
}
