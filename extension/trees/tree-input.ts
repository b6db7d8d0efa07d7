/** The filter, grouping and order that the user chose for the tree. */
export interface TreeOptions {
  /** Part of a model's name; empty for all. */
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
}
