import { realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the folder or file on this machine that MLflow's location of a version's files means: the location itself if it lies
 * within `base` (anywhere with `anywhere`), else the part after `mlruns/` or `mlartifacts/` below `base`, as a store that was
 * moved still contains its old paths. Undefined if nothing exists there.
 */
export function locate(locations: readonly string[], base: string, anywhere: boolean): string | undefined {
  const top = realpathSync(base);
  for (const location of locations) {
    const path = pathOf(location);
    if (path === undefined) continue;
    for (const candidate of [path, ...movedPaths(path, top)]) {
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

/** Returns the paths that a location may have in a store that was moved. */
function movedPaths(path: string, top: string): string[] {
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
