import { splitReference } from '../../shared/references.ts';
import { UsageError } from './exit.ts';

/** A version as routes name it. */
export interface VersionReference {
  model: string;
  version: string;
}

/** `churn@7`, `churn@production`, `churn@@champion`; a model alone means its latest version. */
export function versionOrLatest(text: string): VersionReference {
  const { model, version } = split(text);
  return { model, version: version ?? 'latest' };
}

/** As `versionOrLatest`, but the version must be said: for what should not happen to the wrong one. */
export function versionNamed(text: string): VersionReference {
  const { model, version } = split(text);
  if (version !== undefined) return { model, version };
  throw new UsageError(`Give a version, such as ${model}@3 or ${model}@latest.`);
}

/** A model, or a version of it. */
export function split(text: string): { model: string; version: string | undefined } {
  const { model, version } = splitReference(text);
  if (model === '')
    throw new UsageError(`${JSON.stringify(text)} does not name a model. Write model@version, such as churn@7.`);
  if (version === '')
    throw new UsageError(`${JSON.stringify(text)} does not name a version. Write model@version, such as churn@7.`);
  return { model, version };
}

/** `production` or `@champion`, or what `--alias` says. */
export function pointerOf(stage: string | undefined, alias: string | undefined): { stage: string } | { alias: string } {
  if (alias !== undefined && stage !== undefined) throw new UsageError('Give either a stage or an alias, not both.');
  if (alias !== undefined) return { alias: alias.replace(/^@/, '') };
  if (stage?.startsWith('@')) return { alias: stage.slice(1) };
  return { stage: stage ?? 'production' };
}

/** The holder that the caller saw: `7`, `v7` or `none`. */
export function expectation(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const digits = /^v?(\d{1,15})$/.exec(text);
  if (digits) return Number(digits[1]);
  throw new UsageError(`--expect takes a version number or none, not ${JSON.stringify(text)}.`);
}
