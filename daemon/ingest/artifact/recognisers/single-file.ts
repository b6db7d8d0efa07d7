import { mayBeModel } from '../endings.ts';
import type { FileEnding, Folder, FileGroup } from '../recogniser.ts';

const trainerState =
  /^(optimizer|optim|scheduler|training_args|rng_state.*|random_states.*|lr_scheduler|custom_checkpoint)(_\d+)?\.\w+$|^tuner\.pkl$|^(scaler|sampler)(_\d+)?\.(pt|pth|bin)$|^(extra_state|optim)_world_size_\d+_rank_\d+\.pt$|_(optim|model)_states\.pt$/i;

/** True for what trainers leave beside a model that is never one: the state of an optimiser, scheduler, sampler or generator, and Ray's of a search. */
export function isTrainerState(name: string): boolean {
  return trainerState.test(name);
}

/** One group for each file of a folder that its name says may be a model, but for hidden files and optimiser, scheduler or generator state. */
export function singleFiles(folder: Folder, endings: readonly FileEnding[]): FileGroup[] {
  const names = [...folder.files].filter(
    (name) => mayBeModel(endings, name, folder.name) && !isTrainerState(name) && !name.startsWith('.'),
  );
  return names.toSorted().map((name) => ({ primary: name, files: [name], wholeFolder: false }));
}
