import { byText } from '../../../shared/text-order.ts';
import type { Folder, Recogniser } from '../recogniser.ts';
import { inspectSafetensors } from './tensor-file.ts';
import { inspectTorch } from './torch-file.ts';

const weights = /^(model|pytorch_model)(_\d+)?\.(safetensors|bin)$/;
const state = /^(random_states_\d+\.pkl|optimizer(_\d+)?\.bin|scheduler(_\d+)?\.bin|sampler(_\d+)?\.bin)$/;

/**
 * Folders of accelerate's save_state with several models, which were saved together and are one artifact. Source:
 * accelerate/checkpointing.py.
 */
export const accelerate: Recogniser = {
  name: 'accelerate',
  endings: [],
  findGroups(folder) {
    const files = [...folder.files].filter((name) => weights.test(name)).toSorted(byText);
    if (files.length < 2 || folder.files.has('config.json') || !isSavedState(folder)) return [];
    return [{ primary: files[0] as string, files, wholeFolder: true }];
  },
  inspect({ files }, open) {
    const packed = files.filter((file) => file.endsWith('.safetensors'));
    if (packed.length > 0) {
      const found = inspectSafetensors(packed, open);
      return 'facts' in found
        ? { ...found, facts: { ...found.facts, format: 'accelerate state (safetensors)' } }
        : found;
    }
    const [first = ''] = files;
    const source = open(first);
    return source === undefined
      ? { state: 'partial', reason: `${first} cannot be read.` }
      : inspectTorch(source, first);
  },
};

function isSavedState(folder: Folder): boolean {
  return /^checkpoint(_\d+)?$/.test(folder.name) || [...folder.files].some((name) => state.test(name));
}
