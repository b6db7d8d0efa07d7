import { realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder or file that MLflow's location of a version's files means here: as it is written where that lies within
 * `base`, else what follows `mlruns/` or `mlartifacts/` in it, below `base`: a store that was moved names paths of another
 * place. With `anywhere` the location as it is written may lie outside. Undefined where nothing is there.
 */
export function locate(locations: readonly string[], base: string, anywhere: boolean): string | undefined {
  const top = realpathSync(base);
  for (const location of locations) {
    const path = pathOf(location);
    if (path === undefined) continue;
    for (const candidate of [path, ...moved(path, top)]) {
      const real = realOf(candidate);
      if (real !== undefined && (anywhere || real.startsWith(top + sep))) return real;
    }
  }
  return undefined;
}

function pathOf(location: string): string | undefined {
  try {
    if (location.startsWith('file:')) return fileURLToPath(location);
  } catch {
    return undefined;
  }
  const served = /^mlflow-artifacts:\/*(.*)$/.exec(location)?.[1];
  if (served !== undefined) return `/mlartifacts/${served}`;
  return /^[a-z][a-z0-9+.-]*:\//i.test(location) ? undefined : location;
}

/** Where the same files may lie in a store that stands elsewhere now. */
function moved(path: string, top: string): string[] {
  const parts = path.split(/[\\/]/);
  const at = parts.findLastIndex((part) => part === 'mlruns' || part === 'mlartifacts');
  if (at === -1) return [];
  const inside = parts.slice(at + 1);
  return [join(top, ...parts.slice(at)), join(top, ...inside), join(dirname(top), ...parts.slice(at))];
}

function realOf(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() || statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}
