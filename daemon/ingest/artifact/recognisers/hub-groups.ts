import { byText } from '../../../shared/text-order.ts';
import { isPlainlyNamed } from '../endings.ts';
import type { Folder, FileGroup } from '../recogniser.ts';
import { hubFiles, isHubFile, isModuleFolder, isWeightFile, moduleFiles, pipelineFiles } from './hub-files.ts';
import { joblib } from './joblib.ts';
import { keras } from './keras.ts';
import { pickle } from './pickle.ts';
import { shardGroups } from '../../../formats/tensors/shards.ts';
import { isTrainerState } from './single-file.ts';
import { torch } from './torch.ts';

/** Files that only Hugging Face's libraries write beside a config.json. A script's own config.json lacks them. */
const typical =
  /^(tokenizer|generation_config|preprocessor_config|processor_config|special_tokens|vocab|merges|training_args|modules\.json|.*\.index\.json)/;

/** Returns the artifact that a folder is for transformers, PEFT, diffusers or sentence-transformers, by its names; empty for others. */
export function findHubGroups(folder: Folder): FileGroup[] {
  if (isModuleFolder(folder.name)) return [];
  if (folder.files.has('model_index.json')) return groupOf(folder, pipelineFiles(folder));
  if (folder.files.has('modules.json')) return groupOf(folder, moduleFiles(folder));
  if (folder.files.has('adapter_config.json')) return groupOf(folder, hubFiles(folder));
  if (!folder.files.has('config.json') || isScriptFolder(folder)) return [];
  const groups = groupOf(folder, hubFiles(folder));
  return pipelinePart.test(folder.name) ? groups.map((group) => ({ ...group, awaits: partOfPipeline })) : groups;
}

/** Folders of a diffusers pipeline's components. `model_index.json`, above them, is saved last. */
const pipelinePart = /^(unet|vae|vqvae|movq|transformer|text_encoder(_\d)?|image_encoder|safety_checker)$/;
const partOfPipeline =
  'It has the name of a part of a pipeline. It becomes a file of that pipeline, or a version of its own after a while.';

/** Endings of files that scripts save themselves; Hugging Face's libraries use other names. */
const scriptEndings = [torch, joblib, pickle, keras].flatMap(({ endings }) => endings);

/** True for a folder in which a script saved its model with torch beside a config.json of its own. */
function isScriptFolder(folder: Folder): boolean {
  const names = [...folder.files];
  return (
    names.some((name) => isPlainlyNamed(scriptEndings, name) && !isHubFile(name) && !isTrainerState(name)) &&
    !names.some((name) => typical.test(name))
  );
}

function groupOf(folder: Folder, files: string[]): FileGroup[] {
  const weights = files.filter(isWeightFile).toSorted(inOrder);
  const primary = weights[0];
  if (primary === undefined) return [];
  const missing = shardGroups(folder.files).find((group) => group.missing !== undefined)?.missing;
  return [{ primary, files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) }];
}

/**
 * Compares paths for sorting, so that the primary file comes first: files at the top before those below, adapters before
 * safetensors before other weights.
 */
function inOrder(a: string, b: string): number {
  return (
    firstWith(a, b, (path) => !path.includes('/')) ||
    firstWith(a, b, (path) => /^(unet|transformer|prior)\//.test(path)) ||
    firstWith(a, b, (path) => path.startsWith('adapter_')) ||
    firstWith(a, b, (path) => path.endsWith('.safetensors')) ||
    byText(a, b)
  );
}

function firstWith(a: string, b: string, has: (path: string) => boolean): number {
  return Number(has(b)) - Number(has(a));
}
