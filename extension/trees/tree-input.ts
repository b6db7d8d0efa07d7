import type { Version } from '../../daemon/protocol/model.ts';

/** The filter, grouping and order that the user chose for the tree. */
export interface TreeOptions {
  /** Words of a model's name, or a condition such as `val_auc > 0.9`; empty for all. */
  filter: string;
  groupBy: 'none' | 'stage' | 'framework' | 'folder';
  sortBy: 'changed' | 'name' | 'created' | 'metric';
  showArchived: boolean;
}

export const plainTree: TreeOptions = {
  filter: '',
  groupBy: 'none',
  sortBy: 'changed',
  showArchived: true,
};

/** What the rows depend on besides the mirror. */
export interface TreeInput {
  options: TreeOptions;
  /** Number of each model's newest version when the person last looked; undefined when they never did. */
  seen: ReadonlyMap<string, number> | undefined;
  now: number;
  /** The versions that a condition found, by model, newest first; absent without a condition. */
  found?: ReadonlyMap<string, readonly Version[]> | undefined;
  /** The models as they are shown now; absent when they may be sorted again. */
  order?: readonly string[] | undefined;
}
