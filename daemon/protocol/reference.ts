/** `churn@7`, `churn@v7`, `churn@production`, `churn@@champion`, `churn` (the latest) → its two parts. */
export function splitReference(reference: string): { model: string; version: string | undefined } {
  const at = reference.indexOf('@');
  if (at < 0) return { model: reference, version: undefined };
  return { model: reference.slice(0, at), version: reference.slice(at + 1) };
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
