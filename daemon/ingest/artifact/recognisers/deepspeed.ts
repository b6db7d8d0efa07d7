import { byText } from '../../../shared/text-order.ts';
import type { FileGroup, Folder, Inspection, OpenFile, Recogniser } from '../recogniser.ts';
import { hubFiles, isWeightFile } from './hub-files.ts';
import { filesBelow } from './list-files.ts';
import { lackingPart, missingNumber } from './part-files.ts';
import { inspectTorch } from './torch-file.ts';

const modelState = /(?:zero_pp_rank_(\d+)_)?mp_rank_(\d+)_model_states\.pt$/i;
const rankFile = /_(model|optim)_states\.pt$/i;
/** Files that DeepSpeed and the Hugging Face Trainer write above the folder of a step. */
const trainerFiles = /^(latest|zero_to_fp32\.py)$/;
const maxTags = 100;

/**
 * DeepSpeed's checkpoints: one folder for each step (`global_step200`) with the files of all ranks, which are one model. If the
 * folder above has the weights in a file of their own, that is the model, and these files are training state. Source:
 * deepspeed/runtime/engine.py.
 */
export const deepspeed: Recogniser = {
  name: 'deepspeed',
  endings: [],
  findGroups: (folder) =>
    [...folder.files].some(isWeightFile) ? [] : tagsIn(folder).flatMap((tag) => groupsOf(folder, tag)),
  inspect(group, open) {
    const lacking = lackingPart(group, open, (file) => !rankFile.test(file)) ?? cutRank(group, open);
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const source = open(group.primary);
    const inspection: Inspection =
      source === undefined
        ? { state: 'partial', reason: `${group.primary} cannot be read.` }
        : inspectTorch(source, group.primary);
    return 'facts' in inspection ? { ...inspection, facts: asParts(inspection.facts, group) } : inspection;
  },
};

/** Returns the folders of steps. `latest` allows any tag that a script gave; without it only DeepSpeed's own names count. */
function tagsIn(folder: Folder): string[] {
  const all = [...folder.folders].toSorted(byText);
  return (folder.files.has('latest') ? all : all.filter((name) => /^global_step\d+$/.test(name))).slice(0, maxTags);
}

function groupsOf(folder: Folder, tag: string): FileGroup[] {
  const child = folder.child(tag);
  const below = child === undefined ? [] : filesBelow(child);
  const states = below.filter((file) => modelState.test(file)).toSorted(byText);
  if (states[0] === undefined) return [];
  const beside = /^checkpoint-\d+$/.test(folder.name)
    ? [...hubFiles(folder), ...[...folder.files].filter((name) => trainerFiles.test(name))]
    : [];
  const files = [...new Set([...below.map((file) => `${tag}/${file}`), ...beside])].toSorted(byText);
  const missing = missingRank(states);
  return [{ primary: `${tag}/${states[0]}`, files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) }];
}

function missingRank(states: readonly string[]): string | undefined {
  const ranks = states.map((name) => Number(modelState.exec(name)?.[1] ?? modelState.exec(name)?.[2]));
  return missingNumber('The model state of rank', ranks);
}

/** Returns a sentence about a rank's file that is incomplete; undefined for none. */
function cutRank({ files }: FileGroup, open: OpenFile): string | undefined {
  for (const file of files.filter((name) => rankFile.test(name))) {
    const source = open(file);
    const found = source && inspectTorch(source, file);
    if (found?.state === 'partial') return `${file}: ${found.reason}`;
  }
  return undefined;
}

type Facts = Extract<Inspection, { facts: unknown }>['facts'];

/** Returns the facts of the first rank. With several ranks the number of parameters is unknown. */
function asParts(facts: Facts, { files }: FileGroup): Facts {
  const ranks = files.filter((name) => modelState.test(name)).length;
  const optimizerParts = files.filter((name) => /_optim_states\.pt$/i.test(name)).length;
  return {
    ...facts,
    format: 'deepspeed checkpoint',
    ...(ranks > 1 ? { parameterCount: null } : {}),
    metadata: { ...facts.metadata, ranks, optimizerParts },
  };
}
