import { join } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import type { Disk } from '../disk/folder-cache.ts';
import type { ArtifactFiles, FileGroup } from './types.ts';

/** A companion that was saved longer than this after a model was not saved with it. */
const sameRunMs = 600_000;

/**
 * Adds each companion (scaler or encoder) of a folder to the groups of single-file models, unless it was saved more than
 * `sameRunMs` after the model. Companions without a model stay groups of their own.
 */
export function withCompanions<G extends { group: FileGroup }>(disk: Disk, folder: string, groups: readonly G[]): G[] {
  const isCompanion = ({ group }: G): boolean => disk.isCompanion(join(folder, group.primary));
  const companions = groups.filter(isCompanion);
  if (companions.length === 0) return [...groups];
  const taken = new Set<G>();
  const models = groups
    .filter((one) => !companions.includes(one))
    .map((model) => {
      if (model.group.wholeFolder) return model;
      const savedBy = writtenAt(folder, model) + sameRunMs;
      const own = companions.filter((companion) => writtenAt(folder, companion) <= savedBy);
      own.forEach((companion) => taken.add(companion));
      const files = [...model.group.files, ...own.flatMap(({ group }) => group.files)].toSorted();
      return own.length === 0 ? model : { ...model, group: { ...model.group, files } };
    });
  return [...models, ...companions.filter((companion) => !taken.has(companion))];
}

function writtenAt(folder: string, { group }: { group: FileGroup }): number {
  return statAt(join(folder, group.primary))?.mtimeMs ?? 0;
}

const pickled: ReadonlySet<string> = new Set(['pickle', 'joblib', 'skops']);

/** True for an artifact that was not inspected yet and may be a companion. */
export function mayBeCompanion({ recogniser, group }: ArtifactFiles): boolean {
  return pickled.has(recogniser) && !group.wholeFolder;
}

/** Modules of scikit-learn and its extensions whose objects have no `predict`. */
const transformers =
  /^(sklearn\.(preprocessing|feature_extraction|impute|random_projection|kernel_approximation|decomposition\._(pca|incremental_pca|truncated_svd|fastica|nmf|kernel_pca|sparse_pca)|feature_selection(?!\._rfe)|compose\._column_transformer)|category_encoders|feature_engine|keras_preprocessing|(keras|tensorflow)(\.\w+)*\.preprocessing)(\.|$)/;

/** True for a module whose classes prepare input and predict nothing. */
export function isTransformer(module: string): boolean {
  return transformers.test(module);
}
