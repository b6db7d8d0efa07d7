import picomatch from 'picomatch';
import { relative, sep } from 'node:path';

/** Folders that hold no training output, or other programs' internals. Their names alone decide. */
const noisyFolders = new Set([
  'node_modules',
  '__pycache__',
  'site-packages',
  'dist-packages',
  'venv',
  'env.bak',
  'lost+found',
  'System Volume Information',
]);

/** Hidden folders that are scanned, because they mark or hold runs. */
const wantedHidden = new Set(['.hydra', '.dvc']);

/** Returns why a folder of this name is not scanned; undefined if it is scanned. */
export function ignoredFolder(name: string): string | undefined {
  if (noisyFolders.has(name)) return `Folders named ${name} are not scanned.`;
  if (name.startsWith('.') && !wantedHidden.has(name)) return `Hidden folders such as ${name} are not scanned.`;
  return undefined;
}

/** Hidden files that are parts of models: `.metadata` is the index of torch.distributed.checkpoint. */
const wantedHiddenFiles = new Set(['.metadata']);

/** `model.pt.tmp`, `model.pt.part`, `model.pt.tmp.1234`, `tmp_model.pt`, `tmp.pth.tar`, `model_tmp.pt`, `model.pt~`. */
const temporaryName =
  /(\.(tmp|temp|part|partial|swp|lock|crdownload|incomplete)([-_.]?\d+)?|~)$|^tmp[-_.]|[-_.]tmp[-_]?\d*(\.\w{1,11}){0,2}$/i;

/** Returns why a file of this name is left out, because it is hidden or temporary; undefined if it is not. */
export function ignoredFile(name: string): string | undefined {
  if (wantedHiddenFiles.has(name)) return undefined;
  if (name.startsWith('.')) return 'Its name starts with a dot, which marks hidden and unfinished files.';
  if (temporaryName.test(name)) return 'Its name marks a temporary file.';
  return undefined;
}

/** Returns the first ignored pattern that a path below a root matches; undefined if there is none. */
export type Matcher = (root: string, path: string) => string | undefined;

/** Globs as in .gitignore's simple cases: without a slash they match a name anywhere, with one a path below the root. */
export function ignoreMatcher(patterns: readonly string[]): Matcher {
  const compiled = patterns.map((pattern) => {
    const glob = pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`;
    return { pattern, test: picomatch(glob, { dot: true }) };
  });
  return (root, path) => {
    const inside = relative(root, path).split(sep).join('/');
    return compiled.find(({ test }) => test(inside))?.pattern;
  };
}

/** The user's ignored patterns, compiled once. */
export class IgnoredPatterns {
  readonly #read: () => readonly string[];
  #match: Matcher;

  constructor(read: () => readonly string[]) {
    this.#read = read;
    this.#match = ignoreMatcher(read());
  }

  /** Reads the patterns again after they have changed. */
  reload(): void {
    this.#match = ignoreMatcher(this.#read());
  }

  /** Returns the pattern that a path below a root matches; undefined if none does. */
  patternFor(root: string, path: string): string | undefined {
    return this.#match(root, path);
  }
}
