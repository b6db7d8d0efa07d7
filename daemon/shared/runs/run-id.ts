/**
 * Returns the id of a run: its absolute folder, from the second run on with a number, `/work/out//2`. No normalised path contains
 * two slashes, so an id determines its folder.
 */
export function runIdOf(folder: string, number: number): string {
  return number === 1 ? folder : `${folder}//${number}`;
}

export function folderOfRun(id: string): string;
export function folderOfRun(id: string | null): string | null;
export function folderOfRun(id: string | null): string | null {
  return id?.replace(/\/\/\d+$/, '') ?? null;
}

/** Formats the number of a run, ` #2`, to append to its folder's name; empty for the first. */
export function runNumberText(id: string): string {
  const number = /\/\/(\d+)$/.exec(id)?.[1];
  return number === undefined ? '' : ` #${number}`;
}

const tracked = 'mlflow:/';

/** Returns MLflow's id of a run that one of its clients logged; undefined for a run of a watched folder. */
export function trackedRunIn(id: string): string | undefined {
  return id.startsWith(tracked) ? id.slice(id.lastIndexOf('/') + 1) : undefined;
}

/** Returns the name of a run: that of its folder, `churn #2`, or an MLflow client's experiment and name, `Default/first`. */
export function runName({ id, folder }: { id: string; folder: string }): string {
  if (trackedRunIn(id) !== undefined) return folder.slice(tracked.length);
  return `${folder.replace(/^.*[\\/](?=[^\\/])/s, '')}${runNumberText(id)}`;
}
