import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Source } from '../../formats/source.ts';
import { openWithin, readAt } from '../../runtime/file-reader.ts';

/** A file with tensors: a blob, or a file of somebody else, which must lie in its folder. */
export interface TensorFile {
  path: string;
  /** The folder that the file must lie in; absent for a blob. */
  root?: string;
}

/** Opens a file and returns its handle, which the caller closes. Throws a system error, or for files of others one of the file reader. */
export function openTensorFile({ path, root }: TensorFile): number {
  return root === undefined ? openSync(path, 'r') : openWithin(path, root).handle;
}

/** Opens a file for `act` and closes it afterwards. Throws as `openTensorFile`. */
export function withTensorFile<T>(file: TensorFile, act: (source: Source) => T): T {
  const handle = openTensorFile(file);
  try {
    const { size } = fstatSync(handle);
    return act({
      size,
      read: (offset, length) => readAt(handle, offset, Math.max(0, Math.min(length, size - offset))),
    });
  } finally {
    closeSync(handle);
  }
}
