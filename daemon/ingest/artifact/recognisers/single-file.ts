import { mayBeModel } from '../endings.ts';
import type { FileEnding, Folder, FileGroup } from '../recogniser.ts';

const trainerState =
  /^(optimizer|optim|scheduler|training_args|rng_state.*|random_states.*|lr_scheduler|custom_checkpoint)(_\d+)?\.\w+$|^tuner\.pkl$|^(scaler|sampler)(_\d+)?\.(pt|pth|bin)$|^(extra_state|optim)_world_size_\d+_rank_\d+\.pt$|_(optim|model)_states\.pt$/i;

/**
 * True for files that trainers save beside a model: the state of an optimizer, scheduler, sampler or random generator, and Ray's
 * state of a search.
 */
export function isTrainerState(name: string): boolean {
  return trainerState.test(name);
}

/** Groups each file that its name allows to be a model. Hidden files and trainer state are left out. */
export function singleFiles(folder: Folder, endings: readonly FileEnding[]): FileGroup[] {
  const names = [...folder.files].filter(
    (name) => mayBeModel(endings, name, folder.name) && !isTrainerState(name) && !name.startsWith('.'),
  );
  return names.toSorted().map((name) => ({ primary: name, files: [name], wholeFolder: false }));
}
