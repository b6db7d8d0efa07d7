import { splitReference } from '../../shared/references.ts';
import { UsageError } from './exit.ts';

/** A version in the form of routes. */
export interface VersionReference {
  model: string;
  version: string;
}

/** Parses `churn@7`, `churn@production` or `churn@@champion`. A model alone means its latest version. */
export function versionOrLatest(text: string): VersionReference {
  const { model, version } = split(text);
  return { model, version: version ?? 'latest' };
}

/** Like `versionOrLatest`, but the version is required, for commands that change it. Throws UsageError. */
export function versionNamed(text: string): VersionReference {
  const { model, version } = split(text);
  if (version !== undefined) return { model, version };
  throw new UsageError(`Give a version, such as ${model}@3 or ${model}@latest.`);
}

/** Splits a reference into model and version; without a version that is undefined. Throws UsageError without a model. */
export function split(text: string): { model: string; version: string | undefined } {
  const { model, version } = splitReference(text);
  if (model === '')
    throw new UsageError(`${JSON.stringify(text)} does not name a model. Write model@version, such as churn@7.`);
  if (version === '')
    throw new UsageError(`${JSON.stringify(text)} does not name a version. Write model@version, such as churn@7.`);
  return { model, version };
}

/** Parses `production` or `@champion`, or takes the value of `--alias`. Throws UsageError. */
export function pointerOf(stage: string | undefined, alias: string | undefined): { stage: string } | { alias: string } {
  if (alias !== undefined && stage !== undefined) throw new UsageError('Give either a stage or an alias, not both.');
  if (alias !== undefined) return { alias: alias.replace(/^@/, '') };
  if (stage?.startsWith('@')) return { alias: stage.slice(1) };
  return { stage: stage ?? 'production' };
}

/** Parses the current version that the caller expects: `7`, `v7` or `none` (null). Throws UsageError. */
export function expectation(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const digits = /^v?(\d{1,15})$/.exec(text);
  if (digits) return Number(digits[1]);
  throw new UsageError(`--expect takes a version number or none, not ${JSON.stringify(text)}.`);
}
