import { existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { environmentOf, memoryMapOf } from './proc.ts';

/** How a process was started, as far as that leads to its Python packages. */
export interface StartedPython {
  /** Path of the program as it was called, with links: in a virtual environment it links to the base interpreter. Null if unknown. */
  program: string | null;
  /** Package folders of the files mapped into its memory. */
  sitePackages: string[];
  /** Environment variables that name Python environments. Of all others only PATH and PWD are read, and not kept. */
  variables: Record<string, string>;
}

/** Variable in which Jupyter's servers give their kernels the notebook's path. */
export const notebookVariable = 'JPY_SESSION_NAME';

const keptVariables = ['VIRTUAL_ENV', 'CONDA_PREFIX', 'PYTHONHOME', 'CUDA_VERSION', notebookVariable];

/**
 * Returns how a process was started. `folder`: its working folder; a process that was called by a relative path may have left the
 * folder in which it started.
 */
export function startedPython(
  pid: number,
  { command, interpreter, folder }: { command: readonly string[]; interpreter: string; folder: string },
): StartedPython {
  const variables = variablesOf(pid);
  return {
    program: programOf(command[0] ?? '', interpreter, folder, variables),
    sitePackages: mappedSitePackages(pid),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => keptVariables.includes(name))),
  };
}

/** Returns the program's path as it was called; a relative one only if it leads to the program that runs. Null otherwise. */
function programOf(
  called: string,
  interpreter: string,
  folder: string,
  { PATH = '', PWD }: Record<string, string>,
): string | null {
  if (isAbsolute(called)) return called;
  if (called === '') return null;
  const places = called.includes('/') ? [folder, ...(PWD === undefined ? [] : [PWD])] : PATH.split(delimiter);
  const paths = places.filter((place) => place !== '').map((place) => resolve(folder, place, called));
  return paths.find((path) => isSameProgram(path, interpreter)) ?? null;
}

function isSameProgram(path: string, interpreter: string): boolean {
  try {
    return realpathSync(path) === interpreter;
  } catch {
    return false;
  }
}

function mappedSitePackages(pid: number): string[] {
  const found = new Set<string>();
  for (const line of memoryMapOf(pid)) {
    const path = /\s(\/.*?\/(?:site|dist)-packages)\//.exec(line)?.[1];
    if (path !== undefined) found.add(path);
  }
  return [...found].filter((path) => existsSync(path));
}

function variablesOf(pid: number): Record<string, string> {
  const entries = environmentOf(pid).map(
    (line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const,
  );
  return Object.fromEntries(entries.filter(([name]) => [...keptVariables, 'PATH', 'PWD'].includes(name)));
}
