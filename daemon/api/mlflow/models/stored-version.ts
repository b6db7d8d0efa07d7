import { readManifest } from '../../../blobs/manifest.ts';
import type { Context } from '../../../context.ts';
import { versionOf, type VersionRow } from '../../../db/versions.ts';
import { requireUsable } from '../../../registry/versions/resolve.ts';
import { MlflowError } from '../error-handler.ts';
import { madeFiles } from './mlmodel.ts';

/** Read-only folder of the artifact store with the files of versions. */
export const versionsFolder = 'versions';

/** Returns the URI of a version's own bytes, which never change. */
export function downloadUriOf({ model, number }: Pick<VersionRow, 'model' | 'number'>): string {
  return `mlflow-artifacts:/${versionsFolder}/${model}/${number}`;
}

/** A file for clients: a blob, or a generated text. */
export interface StoredFile {
  path: string;
  size: number;
  from: { digest: string } | { text: Buffer };
}

/**
 * Returns the files of a version under their names. Without an MLmodel, one is generated for MLflow's clients if it is known how
 * to load the version; it is not part of the version. Throws for a deleted or damaged version.
 */
export function versionFiles(ctx: Context, version: VersionRow): StoredFile[] {
  const row = requireUsable(ctx, version);
  const files = readManifest(ctx.blobs, row.body.digest).map(({ path, size, sha256 }): StoredFile => ({
    path: path === '' ? row.body.primary : path,
    size,
    from: { digest: `sha256:${sha256}` },
  }));
  if (files.length === 0 || files.some(({ path }) => path === 'MLmodel')) return files;
  return [...files, ...madeFor(ctx, row, files)];
}

function madeFor(ctx: Context, row: VersionRow, files: readonly StoredFile[]): StoredFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const { texts, copies } = madeFiles(ctx, row, [...byPath.keys()]);
  const made = Object.entries(texts).map(([path, content]): StoredFile => {
    const text = Buffer.from(content);
    return { path, size: text.length, from: { text } };
  });
  const copied = copies.flatMap(([path, of]): StoredFile[] => {
    const original = byPath.get(of);
    return original ? [{ ...original, path }] : [];
  });
  return [...made, ...copied].filter(({ path }) => !byPath.has(path));
}

/** Returns the version, and the path in it, for a path below `versions/`. Throws `RESOURCE_DOES_NOT_EXIST`. */
export function versionAtPath(ctx: Context, path: string): { row: VersionRow; inner: string } {
  const [, model = '', number = '', inner = ''] = /^versions\/([^/]+)\/(\d{1,15})(?:\/(.*))?$/.exec(path) ?? [];
  const row = versionOf(ctx.db, model, Number(number));
  if (!row) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
  return { row, inner };
}

/** Lists the entries of a folder among these files; folders have no size. */
export function listed(files: readonly StoredFile[], folder: string): { name: string; size: number | null }[] {
  const start = folder === '' ? '' : `${folder}/`;
  const found = new Map<string, number | null>();
  for (const { path, size } of files.filter((file) => file.path.startsWith(start))) {
    const [name = '', ...deeper] = path.slice(start.length).split('/');
    found.set(name, deeper.length > 0 ? null : size);
  }
  return [...found].map(([name, size]) => ({ name, size })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
