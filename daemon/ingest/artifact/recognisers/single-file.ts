import { mayBeModel } from '../endings.ts';
import type { FileEnding, Folder, FileGroup } from '../recogniser.ts';

/** State that trainers leave beside a model and that is never one. */
const companion =
  /^(optimizer|scheduler|scaler|sampler|training_args|rng_state.*|random_states.*|lr_scheduler)(_\d+)?\.\w+$/;

/** One group for each file of a folder that its name says may be a model, but for hidden files and optimiser, scheduler or generator state. */
export function singleFiles(folder: Folder, endings: readonly FileEnding[]): FileGroup[] {
  const names = [...folder.files].filter(
    (name) => mayBeModel(endings, name, folder.name) && !companion.test(name) && !name.startsWith('.'),
  );
  return names.toSorted().map((name) => ({ primary: name, files: [name], wholeFolder: false }));
}
