import { dirname } from 'node:path';
import type { Json } from '../../protocol/json.ts';
import type { SignatureField } from '../../protocol/artifact.ts';
import type { Column } from './column.ts';
import { emptyRecord } from '../../shared/params.ts';

const uncommitted = 'uncommitted.diff';

/** A column's values by name; null if they were never collected or cannot be read. */
type SectionValues = Record<string, Json> | null;

export function factsOf({ version }: Column): SectionValues {
  if (!version) return null;
  const { framework, frameworkVersion, format, modelClass, parameterCount, size, pickle, digest } = version.body;
  return { framework, frameworkVersion, format, modelClass, parameterCount, size, pickle, digest };
}

/**
 * Returns the captured files that describe the training: configuration, requirements, lock files, the script. Those in the
 * artifact's own folder or run are named `./params.yaml`, as each version has another folder.
 */
export function configOf({ lineage, version }: Column): SectionValues {
  if (!lineage) return null;
  const own = [dirname(version?.body.source.path ?? ''), version?.body.source.run ?? ''];
  const nameOf = (path: string): string => {
    const above = foldersAbove(path).find((inner) => own.some((folder) => folder.endsWith(`/${inner}`)));
    return above === undefined ? path : `.${path.slice(above.length)}`;
  };
  const files = lineage.captured.filter(({ path }) => path !== uncommitted);
  return Object.assign(emptyRecord(), Object.fromEntries(files.map(({ path, digest }) => [nameOf(path), digest])));
}

/** Returns the folders above a path: `a/b` and `a` for `a/b/c.yaml`. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join('/'));
}

/** Returns the reports. Unused ones are left out; those that were not kept are compared by size. */
export function reportsOf({ lineage }: Column): SectionValues {
  if (!lineage?.reports) return null;
  const values = emptyRecord();
  for (const { path, digest, size, rule } of lineage.reports)
    if (rule !== 'not-used') values[path] = digest ?? `${size} bytes, not kept`;
  return values;
}

export function codeOf({ lineage }: Column): SectionValues {
  if (!lineage) return null;
  const { code, process, captured } = lineage;
  const values = emptyRecord();
  if (code) {
    const { commit, branch, changed, remote } = code;
    Object.assign(values, { commit, branch, changed, remote });
  }
  if (process) values['command'] = process.command.join(' ');
  const diff = captured.find(({ path }) => path === uncommitted);
  if (diff) values[uncommitted] = diff.digest;
  return values;
}

export function environmentOf({ lineage }: Column): SectionValues {
  const environment = lineage?.environment;
  if (!environment) return null;
  const { python, cuda, packages } = environment;
  return Object.assign(emptyRecord(), packages, { python, cuda });
}

/** Compares names for sorting: Python, CUDA, then packages by name. */
export function inEnvironmentOrder(a: { name: string }, b: { name: string }): number {
  const rank = (name: string): number => (name === 'python' ? 0 : name === 'cuda' ? 1 : 2);
  return rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

export function dataOf({ lineage }: Column): SectionValues {
  if (!lineage) return null;
  const values = emptyRecord();
  for (const file of lineage.data) {
    values[file.path] = file.digest;
    if (file.rows !== null) values[`${file.path} rows`] = file.rows;
    if (file.columns !== null) values[`${file.path} columns`] = file.columns;
  }
  return values;
}

export function signatureOf({ artifact }: Column): SectionValues {
  if (!artifact) return null;
  const values = emptyRecord();
  const put = (kind: string, fields: readonly SignatureField[]): void => {
    fields.forEach(({ name, dtype, shape }, index) => {
      values[`${kind} ${name || index}`] = `${dtype} [${shape.join(', ')}]`;
    });
  };
  put('input', artifact.signature?.inputs ?? []);
  put('output', artifact.signature?.outputs ?? []);
  return values;
}

export function filesOf({ version, files }: Column): SectionValues {
  if (!version || files.length === 0) return null;
  const values = emptyRecord();
  for (const file of files) values[file.path || version.body.primary] = `sha256:${file.sha256}`;
  return values;
}
