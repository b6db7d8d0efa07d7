import type { CompareRow, Comparison } from '../../../../daemon/protocol/comparison.ts';
import { byText } from '../../../../daemon/shared/text-order.ts';

/** What a kept file is: a text captured with the version, a report of its run, or a part of the model. */
export type FileKind = 'text' | 'report' | 'artifact';

/** A file of the compared versions. */
export interface KeptFile {
  kind: FileKind;
  /** Its path as a tree shows it. */
  path: string;
  /** Its digest in each version, as the comparison lists it. */
  row: CompareRow;
}

/** A folder of the tree: folders first, then files, each by name. */
export interface FileFolder {
  name: string;
  /** Path of the folder with a slash at its end; empty for the top. */
  path: string;
  folders: FileFolder[];
  files: { name: string; file: KeptFile }[];
  /** Number of files below it that differ. */
  differing: number;
}

/** Returns all files that were kept with the compared versions. */
export function keptFiles({ config, reports, files }: Pick<Comparison, 'config' | 'reports' | 'files'>): KeptFile[] {
  const of = (kind: FileKind, rows: readonly CompareRow[]): KeptFile[] =>
    rows.map((row) => ({ kind, path: row.name.replace(/^\.\//, ''), row }));
  return [...of('text', config), ...of('report', reports), ...of('artifact', files)];
}

/** Returns the tree of files. A folder that holds only another folder is shown with it as one. */
export function fileTree(files: readonly KeptFile[]): FileFolder {
  const top = emptyFolder('', '');
  for (const file of files) {
    const parts = file.path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? file.path;
    let folder = top;
    for (const part of parts) folder = childOf(folder, part);
    folder.files.push({ name, file });
  }
  return sortedFolder(top);
}

function emptyFolder(name: string, path: string): FileFolder {
  return { name, path, folders: [], files: [], differing: 0 };
}

function childOf(folder: FileFolder, name: string): FileFolder {
  const known = folder.folders.find((one) => one.name === name);
  if (known) return known;
  const child = emptyFolder(name, `${folder.path}${name}/`);
  folder.folders.push(child);
  return child;
}

function sortedFolder(folder: FileFolder): FileFolder {
  const folders = folder.folders.map((one) => joined(sortedFolder(one))).toSorted((a, b) => byText(a.name, b.name));
  const files = folder.files.toSorted((a, b) => byText(a.name, b.name));
  const own = files.filter(({ file }) => file.row.differs).length;
  return { ...folder, folders, files, differing: folders.reduce((sum, one) => sum + one.differing, own) };
}

function joined(folder: FileFolder): FileFolder {
  const [only] = folder.folders;
  if (!only || folder.folders.length > 1 || folder.files.length > 0 || folder.name === '') return folder;
  return { ...only, name: `${folder.name}/${only.name}` };
}

/** Returns a text that identifies a file among those of all kinds. */
export function fileKey({ kind, row }: KeptFile): string {
  return `${kind}:${row.name}`;
}
