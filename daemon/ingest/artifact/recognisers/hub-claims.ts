import type { Folder, UnitClaim } from '../recogniser.ts';
import { hubFiles, isModuleFolder, isWeightFile, moduleFiles } from './hub-files.ts';
import { shardGroups } from './shards.ts';

/** Files that only Hugging Face's libraries write beside a config.json; a script's own config.json stands without them. */
const TYPICAL =
  /^(tokenizer|generation_config|preprocessor_config|processor_config|special_tokens|vocab|merges|training_args|modules\.json|.*\.index\.json)/;

/** The unit that a folder is to transformers, PEFT or sentence-transformers, by its names; none when it is another's. */
export function hubClaims(folder: Folder): UnitClaim[] {
  if (isModuleFolder(folder.name)) return [];
  if (folder.files.has('modules.json')) return claim(folder, moduleFiles(folder));
  if (folder.files.has('adapter_config.json')) return claim(folder, hubFiles(folder));
  return folder.files.has('config.json') && !isScriptFolder(folder) ? claim(folder, hubFiles(folder)) : [];
}

/** A folder where a script saved its model with torch, beside a config.json of its own. */
function isScriptFolder(folder: Folder): boolean {
  const names = [...folder.files];
  return (
    names.some((name) => /\.(pth?|ckpt|joblib|pkl|keras)$/.test(name) && !isTrainerState(name)) &&
    !names.some((name) => TYPICAL.test(name))
  );
}

function isTrainerState(name: string): boolean {
  return /^(optimizer|scheduler|scaler|rng_state.*|random_states.*)\.\w+$/.test(name);
}

function claim(folder: Folder, files: string[]): UnitClaim[] {
  const weights = files.filter(isWeightFile).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const primary = weights[0];
  if (primary === undefined) return [];
  const missing = shardGroups(folder.files).find((group) => group.missing !== undefined)?.missing;
  return [{ primary, files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) }];
}

/** Adapters stand for a folder first, then safetensors; files at the top before those below. */
function rank(path: string): number {
  return (path.includes('/') ? 4 : 0) + (path.startsWith('adapter_') ? 0 : path.endsWith('.safetensors') ? 1 : 2);
}
