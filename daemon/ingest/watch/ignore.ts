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

/** Hidden folders are noise but for those that mark or hold runs. */
const wantedHidden = new Set(['.hydra', '.dvc']);

/** Why nothing below a folder of this name is looked at; undefined when it is. */
export function ignoredFolder(name: string): string | undefined {
  if (noisyFolders.has(name)) return `Folders named ${name} are not scanned.`;
  if (name.startsWith('.') && !wantedHidden.has(name)) return `Hidden folders such as ${name} are not scanned.`;
  return undefined;
}

/** Hidden files that are parts of models: the index of torch.distributed.checkpoint. */
const wantedHiddenFiles = new Set(['.metadata']);

/** `model.pt.tmp`, `model.pt.part`, `model.pt.tmp.1234`, `tmp_model.pt`, `tmp.pth.tar`, `model_tmp.pt`, `model.pt~`. */
const temporaryName =
  /(\.(tmp|temp|part|partial|swp|lock|crdownload|incomplete)([-_.]?\d+)?|~)$|^tmp[-_.]|[-_.]tmp[-_]?\d*(\.\w{1,11}){0,2}$/i;

/** Why a file of this name is not looked at; undefined when it is. Writers' temporary names are not models yet. */
export function ignoredFile(name: string): string | undefined {
  if (wantedHiddenFiles.has(name)) return undefined;
  if (name.startsWith('.')) return 'Its name starts with a dot, which marks hidden and unfinished files.';
  if (temporaryName.test(name)) return 'Its name marks a temporary file.';
  return undefined;
}

/** Tests paths below a root against the patterns that the user wants ignored. */
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

/** The patterns that hold now. */
export class IgnoredPatterns {
  readonly #read: () => readonly string[];
  #match: Matcher;

  constructor(read: () => readonly string[]) {
    this.#read = read;
    this.#match = ignoreMatcher(read());
  }

  /** The patterns have changed. */
  reload(): void {
    this.#match = ignoreMatcher(this.#read());
  }

  /** The pattern that a path below a root matches; undefined where none does. */
  patternFor(root: string, path: string): string | undefined {
    return this.#match(root, path);
  }
}
