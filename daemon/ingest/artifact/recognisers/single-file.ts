import { mayBeModel } from '../endings.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import type { FileEnding, FileGroup, Folder, Inspection, OpenFile } from '../recogniser.ts';

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

/** Inspects the one file of an artifact. A file that is empty or cannot be read is incomplete; for a FormatError see `inspectionOfError`. */
export function inspectFile(name: string, open: OpenFile, inspect: (source: Source) => Inspection): Inspection {
  const source = open(name);
  if (source === undefined || source.size === 0)
    return { state: 'partial', reason: `${name} is empty or cannot be read.` };
  try {
    return inspect(source);
  } catch (error) {
    return inspectionOfError(error);
  }
}

/**
 * Returns what a FormatError means for an artifact: bytes that end early are incomplete, any others are of another format. Throws
 * every other error again.
 */
export function inspectionOfError(error: unknown): { state: 'partial' | 'foreign'; reason: string } {
  if (!(error instanceof FormatError)) throw error;
  return { state: error.kind === 'truncated' ? 'partial' : 'foreign', reason: error.message };
}
