import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openLinked, openRegular, readWhole } from '../../runtime/file-reader.ts';
import type { Environment } from '../../protocol/lineage.ts';
import type { SeenProcess } from '../executions/process.ts';
import { byKey } from '../../shared/text-order.ts';

const maxPackages = 5000;
const maxTextBytes = 1 << 20;

/**
 * Returns the Python packages of a process, or of the environment in `places`, from the names of `site-packages/*.dist-info` (PEP
 * 376, 427). Runs no Python. Undefined for none.
 */
export function environmentOf(seen: SeenProcess | undefined, places: readonly string[]): Environment | undefined {
  for (const prefix of prefixesOf(seen, places)) {
    const found = sitePackages(prefix);
    if (!found) continue;
    const packages = packagesIn([...found.folders, ...baseFolders(prefix)]);
    if (Object.keys(packages).length === 0 && !isCalledFrom(prefix, seen)) continue;
    const cuda = seen?.python.variables['CUDA_VERSION'] ?? cudaOf(packages);
    return { python: versionOf(prefix) ?? found.python, cuda, packages, source: found.folders[0] ?? prefix };
  }
  return undefined;
}

/**
 * Returns the prefixes of environments that a process may use, the most certain first; environment variables may be left over
 * from another environment.
 */
function prefixesOf(seen: SeenProcess | undefined, places: readonly string[]): string[] {
  if (!seen) return places.flatMap((place) => ['.venv', 'venv', 'env'].map((name) => join(place, name)));
  const { program, sitePackages: mapped, variables } = seen.python;
  const { VIRTUAL_ENV, CONDA_PREFIX, PYTHONHOME } = variables;
  const called = program === null ? undefined : dirname(dirname(program));
  const loaded = mapped.map((folder) => dirname(dirname(dirname(folder))));
  const own = dirname(dirname(seen.interpreter));
  const all = [called, ...loaded, VIRTUAL_ENV, CONDA_PREFIX, PYTHONHOME, own];
  return /python|pypy/.test(seen.interpreter) ? all.filter((prefix) => prefix !== undefined) : [];
}

/**
 * True if the process's program lies in this environment. Then it is the right one even without packages, as those of the base
 * are invisible to it.
 */
function isCalledFrom(prefix: string, seen: SeenProcess | undefined): boolean {
  const program = seen?.python.program ?? null;
  return program !== null && dirname(dirname(program)) === prefix && existsSync(join(prefix, 'pyvenv.cfg'));
}

/** Returns the package folders of the base interpreter if the environment may see them (PEP 405). */
function baseFolders(prefix: string): string[] {
  const settings = settingsOf(prefix);
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(settings)?.[1];
  if (home === undefined || !/^include-system-site-packages\s*=\s*true/im.test(settings)) return [];
  return sitePackages(dirname(home))?.folders ?? [];
}

function sitePackages(prefix: string): { folders: string[]; python: string | null } | undefined {
  const windows = join(prefix, 'Lib', 'site-packages');
  if (existsSync(windows)) return { folders: [windows], python: null };
  const name = list(join(prefix, 'lib')).find(
    (one) =>
      /^(python|pypy)3(\.\d+)?$/.test(one) &&
      list(join(prefix, 'lib', one)).some((inner) => /^(site|dist)-packages$/.test(inner)),
  );
  if (name === undefined) return undefined;
  const inside = ['site-packages', 'dist-packages'].map((folder) => join(prefix, 'lib', name, folder));
  const beside = [join(prefix, 'local', 'lib', name, 'dist-packages'), join(prefix, 'lib', 'python3', 'dist-packages')];
  return {
    folders: [...inside, ...beside].filter((folder) => existsSync(folder)),
    python: /[\d.]+$/.exec(name)?.[0] ?? null,
  };
}

function packagesIn(folders: readonly string[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const name of folders.flatMap(list)) {
    const match = /^(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist-info|egg-info)$/.exec(name);
    const [, project, version] = match ?? [];
    if (project === undefined || version === undefined || found.size >= maxPackages) continue;
    const key = project.toLowerCase().replaceAll('_', '-');
    if (!found.has(key)) found.set(key, version);
  }
  return Object.fromEntries([...found].toSorted(byKey));
}

/** Returns the Python version of an environment: from `pyvenv.cfg`, or the version of conda's own package. */
function versionOf(prefix: string): string | null {
  const named = /^version(?:_info)?\s*=\s*([\d.]+)/m.exec(settingsOf(prefix))?.[1]?.replace(/\.$/, '');
  const conda = list(join(prefix, 'conda-meta')).flatMap((name) => /^python-(\d[\d.]*)-/.exec(name)?.[1] ?? []);
  return named ?? conda[0] ?? null;
}

/** Returns the text of `pyvenv.cfg`; empty outside a virtual environment. */
function settingsOf(prefix: string): string {
  try {
    return readWhole(openRegular(join(prefix, 'pyvenv.cfg')), maxTextBytes).toString('utf8');
  } catch {
    return '';
  }
}

/** Returns the CUDA version, by NVIDIA's runtime package, else by torch's version; null for neither. */
function cudaOf(packages: Record<string, string>): string | null {
  const runtime = Object.keys(packages).find((name) => /^nvidia-cuda-runtime(-cu\d+)?$/.test(name));
  if (runtime !== undefined) return packages[runtime] ?? null;
  const build = /\+cu(\d+)(\d)$/.exec(packages['torch'] ?? '');
  return build ? `${build[1]}.${build[2]}` : null;
}

/**
 * Reads packages in the form of `pip freeze`, such as W&B's `requirements.txt`, from below one of the `places`. Undefined if
 * unreadable.
 */
export function environmentFrom(path: string, places: readonly string[]): Environment | undefined {
  let text: string;
  try {
    text = readWhole(openLinked(path, places), maxTextBytes).toString('utf8');
  } catch {
    return undefined;
  }
  const pairs = text.split('\n').flatMap((line) => {
    const match = /^([A-Za-z0-9][\w.-]*)==([\w.!+-]+)\s*$/.exec(line);
    return match ? [[match[1]!.toLowerCase(), match[2]!] as const] : [];
  });
  if (pairs.length === 0) return undefined;
  const packages = Object.fromEntries(pairs.slice(0, maxPackages).toSorted(byKey));
  return { python: null, cuda: cudaOf(packages), packages, source: path };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
