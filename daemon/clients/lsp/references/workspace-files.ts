import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { languageOf } from './references.ts';

/** Folders of tools, packages and outputs, which are not searched. */
const skipped = new Set([
  'node_modules',
  'site-packages',
  '__pycache__',
  'venv',
  'env',
  'dist',
  'build',
  'target',
  'mlruns',
  'mlartifacts',
  'wandb',
  'lightning_logs',
  'catboost_info',
]);
/** Hidden folders that are searched. */
const shown = new Set(['.github', '.gitlab', '.circleci', '.vscode', '.devcontainer']);

/** Yields the absolute paths of a folder's files that are searched for references, at most `most`. Unreadable ones are left out. */
export async function* workspaceFiles(folder: string, most: number): AsyncGenerator<string> {
  const folders = [folder];
  let count = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && isLookedInto(entry.name)) folders.push(path);
      if (!entry.isFile() || languageOf(entry.name) === undefined) continue;
      yield path;
      count += 1;
      if (count >= most) return;
    }
  }
}

/** Returns true for a file that `workspaceFiles` would yield for one of these workspace folders. */
export function isOfWorkspace(folders: readonly string[], file: string): boolean {
  return folders.some((folder) => {
    const parts = relative(folder, file).split(sep);
    return parts[0] !== '..' && parts.slice(0, -1).every(isLookedInto) && languageOf(file) !== undefined;
  });
}

function isLookedInto(name: string): boolean {
  return name.startsWith('.') ? shown.has(name) : !skipped.has(name);
}
