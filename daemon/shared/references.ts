import type { PointerRef } from '../protocol/model.ts';

/**
 * `churn@7`, `churn@v7`, `churn@production`, `churn@@champion`, `churn` (the latest) → its two parts. A name that holds `@`
 * stands in double quotes, as a JSON text: `"team@home"@7`.
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

/** The reference that names this version, as `splitReference` reads it: `churn@7`, `"team@home"@7`. */
export function referenceTo(model: string, version: string | number): string {
  return `${quotedWhereNeeded(model)}@${version}`;
}

/** `production` is a stage, `@champion` an alias; the inverse of `pointerText`. */
export function pointerRefOf(text: string): PointerRef {
  return text.startsWith('@') ? { kind: 'alias', name: text.slice(1) } : { kind: 'stage', name: text };
}

/** The address that MLflow loads it by: `models:/churn/7`, `models:/churn@champion`, `models:/churn/production`. */
export function modelUri(model: string, at: number | PointerRef): string {
  if (typeof at === 'number') return `models:/${model}/${at}`;
  return `models:/${model}${at.kind === 'alias' ? '@' : '/'}${at.name}`;
}

/** A model's name as it stands in a reference: quoted where blanks, `@`, `,`, `\\` or quotes would make it something else. */
export function quotedWhereNeeded(model: string): string {
  return /[@,"\\]|^\s|\s$/.test(model) ? JSON.stringify(model) : model;
}

/** References that stand beside each other, with commas between them. */
export function splitReferences(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,])+|(?<=,|^)(?=,|$)/gs)].map(([one]) => one);
}

const runPrefix = 'run:';

/** A run as a column of a comparison: `run:/home/ana/runs/7`, with `%` and `,` written as `%25` and `%2C`. */
export function runReference(folder: string): string {
  return runPrefix + folder.replaceAll('%', '%25').replaceAll(',', '%2C');
}

/** The folder of a run that a reference names; undefined where it names no run. */
export function runFolderIn(reference: string): string | undefined {
  if (!reference.startsWith(runPrefix)) return undefined;
  return reference.slice(runPrefix.length).replaceAll('%2C', ',').replaceAll('%25', '%');
}
