/**
 * A run's id is its folder, absolute; from the folder's second run on with a number behind it: `/work/out//2`. No normalized
 * path holds two slashes, so an id tells its folder.
 */
export function runIdOf(folder: string, number: number): string {
  return number === 1 ? folder : `${folder}//${number}`;
}

export function folderOfRun(id: string): string;
export function folderOfRun(id: string | null): string | null;
export function folderOfRun(id: string | null): string | null {
  return id?.replace(/\/\/\d+$/, '') ?? null;
}

/** ` #2` for the second run of a folder, empty for the first: what is put behind the folder's name. */
export function runNumberText(id: string): string {
  const number = /\/\/(\d+)$/.exec(id)?.[1];
  return number === undefined ? '' : ` #${number}`;
}

const tracked = 'mlflow:/';

/** MLflow's own id of a run that one of its clients logged; undefined for a run of a watched folder. */
export function trackedRunIn(id: string): string | undefined {
  return id.startsWith(tracked) ? id.slice(id.lastIndexOf('/') + 1) : undefined;
}

/** `churn #2`, `Default/first`: its folder's name, or of an MLflow client's run its experiment and name, which may hold slashes. */
export function runName({ id, folder }: { id: string; folder: string }): string {
  if (trackedRunIn(id) !== undefined) return folder.slice(tracked.length);
  return `${folder.replace(/^.*[\\/](?=[^\\/])/s, '')}${runNumberText(id)}`;
}
