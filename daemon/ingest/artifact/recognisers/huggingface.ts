import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport, Problem, Tensor } from '../../../protocol/artifact.ts';
import { joinReadings } from '../../../formats/pickle/pickle-safety.ts';
import type { Inspection, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { mainProblem, modelFacts } from './facts.ts';
import { findHubGroups } from './hub-groups.ts';
import { isWeightFile } from './hub-files.ts';
import { hubConfig } from './hub-config.ts';
import { field, isRecord } from './json-access.ts';
import { inspectSafetensors, readPart } from './tensor-file.ts';
import type { Stopped } from './tensor-file.ts';
import { inspectTorch } from './torch-file.ts';
import { readConfig } from './transformers-config.ts';
import { trainingArguments } from './training-arguments.ts';

/** Folders as transformers, PEFT and sentence-transformers save them: a configuration, weights, and what stands beside them. */
export const huggingface: Recogniser = {
  name: 'huggingface',
  endings: [],
  findGroups: findHubGroups,
  inspect(group, open) {
    const config = hubConfig(group, open);
    if (config === undefined) return inspectPlain(group, open);
    const lacking =
      group.missing ?? missingModule(group, open) ?? missingShard(group, open) ?? cutCompanion(group, open);
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const weights = readWeights(group, open);
    if ('state' in weights) return weights;
    const training = trainingArguments(open);
    if (training.cut) return { state: 'partial', reason: 'training_args.bin is not complete.' };
    const reports = [...weights.reports, ...(training.report === null ? [] : [training.report])];
    return { state: 'whole', facts: factsOf(config, weights, training.params, reports) };
  },
};

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A configuration that does not parse may still be in writing. One that does is a script's own: its weights are a model all the same. */
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

/** A module without parameters (normalisation) has an empty folder, or none. */
function hasModule(group: FileGroup, path: string): boolean {
  return /Normalize/.test(path) || group.files.some((file) => file.startsWith(`${path}/`));
}

function missingShard(group: FileGroup, open: OpenFile): string | undefined {
  for (const index of group.files.filter((path) => path.endsWith('.index.json'))) {
    const map = field(readConfig(open, index), 'weight_map');
    if (!isRecord(map)) return `${index} is not complete.`;
    const folder = index.slice(0, index.length - baseName(index).length);
    const files = new Set(group.files);
    const shards = new Set(Object.values(map).filter((shard) => typeof shard === 'string'));
    const lacking = [...shards].filter((shard) => !files.has(`${folder}${shard}`));
    if (lacking.length > 0) return `${lacking.length} shards that ${index} names are missing.`;
  }
  return undefined;
}

/** JSON files beside the weights must at least end as JSON does. */
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
    } else if (path.endsWith('.bin')) {
      const stopped = readPickled(path, open, weights, tensorsFrom === '.bin');
      if (stopped !== undefined) return stopped;
    }
  }
  return weights;
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
  config: ReturnType<typeof hubConfig> & object,
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
