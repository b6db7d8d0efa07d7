import type { PointerRef } from '../protocol/model.ts';

/**
 * Splits `churn@7`, `churn@v7`, `churn@production`, `churn@@champion` or `churn` (the latest) into model and version. A name that
 * contains `@` is quoted as a JSON text: `"team@home"@7`.
 */
export function splitReference(reference: string): { model: string; version: string | undefined } {
  const quoted = quotedName(reference);
  if (quoted) return quoted;
  const at = reference.indexOf('@');
  if (at < 0) return { model: reference, version: undefined };
  return { model: reference.slice(0, at), version: reference.slice(at + 1) };
}

function quotedName(reference: string): { model: string; version: string | undefined } | undefined {
  const text = /^"(?:[^"\\]|\\.)*"(?=@|$)/s.exec(reference)?.[0];
  if (text === undefined) return undefined;
  try {
    const version = reference.length === text.length ? undefined : reference.slice(text.length + 1);
    return { model: String(JSON.parse(text)), version };
  } catch {
    return undefined;
  }
}

/** Returns the reference of a version, as `splitReference` reads it: `churn@7`, `"team@home"@7`. */
export function referenceTo(model: string, version: string | number): string {
  return `${quotedWhereNeeded(model)}@${version}`;
}

/** Parses `production` as a stage, `@champion` as an alias. Inverse of `pointerText`. */
export function pointerRefOf(text: string): PointerRef {
  return text.startsWith('@') ? { kind: 'alias', name: text.slice(1) } : { kind: 'stage', name: text };
}

/** Returns the URI by which MLflow loads a version: `models:/churn/7`, `models:/churn@champion`, `models:/churn/production`. */
export function modelUri(model: string, at: number | PointerRef): string {
  if (typeof at === 'number') return `models:/${model}/${at}`;
  return `models:/${model}${at.kind === 'alias' ? '@' : '/'}${at.name}`;
}

/** Splits MLflow's URI of a version, the inverse of `modelUri`; undefined for another text. `models:/churn` means the newest. */
export function uriReference(text: string): { model: string; version: string | undefined } | undefined {
  const path = /^models:\/([^/].*)$/s.exec(text)?.[1];
  if (path === undefined) return undefined;
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('@'));
  if (at < 0) return { model: path, version: undefined };
  return { model: path.slice(0, at), version: path.slice(at + 1) };
}

/** Returns a model's name in the form for references: quoted if blanks, `@`, `,`, `\\` or quotes would change its meaning. */
export function quotedWhereNeeded(model: string): string {
  return /[@,"\\]|^\s|\s$/.test(model) ? JSON.stringify(model) : model;
}

/** Splits references that are separated by commas. */
export function splitReferences(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,])+|(?<=,|^)(?=,|$)/gs)].map(([one]) => one);
}

const runPrefix = 'run:';

/** Returns the reference of a run for comparisons: `run:/home/ana/runs/7`, with `%` and `,` as `%25` and `%2C`. */
export function runReference(folder: string): string {
  return runPrefix + folder.replaceAll('%', '%25').replaceAll(',', '%2C');
}

/** Returns the folder in a run's reference; undefined for other references. */
export function runFolderIn(reference: string): string | undefined {
  if (!reference.startsWith(runPrefix)) return undefined;
  return reference.slice(runPrefix.length).replaceAll('%2C', ',').replaceAll('%25', '%');
}
