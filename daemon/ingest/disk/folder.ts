/** Names in one folder below a watched root. */
export interface Folder {
  /** Absolute path. */
  readonly path: string;
  /** Base name. */
  readonly name: string;
  /** Base names of the regular files directly in it. */
  readonly files: ReadonlySet<string>;
  /** Base names of the folders directly in it. */
  readonly folders: ReadonlySet<string>;
  /**
   * Returns the listing of a folder directly in it; undefined if it cannot be listed. Reads the disk, so call it only for
   * promising names.
   */
  child(name: string): Folder | undefined;
}
