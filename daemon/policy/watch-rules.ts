import { realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { openRegular, readWhole, unreadableReason, statAt } from '../runtime/file-reader.ts';
import { placeholder } from './schema.ts';
import {
  emptyPlinthFile,
  maxPlinthFileBytes,
  readPlinthFile,
  type FileProblem,
  type PlinthFile,
  type WatchRule,
} from './parse.ts';

export const plinthFileName = 'plinth.yaml';

/** A plinth.yaml as it is on disk. */
export interface FoundFile {
  path: string;
  text: string;
  file: PlinthFile;
  problems: FileProblem[];
}

export interface MatchedRule {
  source: FoundFile;
  rule: WatchRule;
  /** The model's name by the rule; undefined if it gives none. */
  model: string | undefined;
  /** Absolute path of the run's folder; undefined if the rule gives none. */
  run: string | undefined;
  /** Why the artifact is ignored; undefined if it is not. */
  ignored: string | undefined;
}

/** Reads the plinth.yaml files of watched folders; a file that changed is read again. */
export interface Rules {
  /**
   * Returns the plinth.yaml that applies to a folder: the nearest one in it or above, up to the top of the repository or the
   * watched folder. Undefined for none.
   */
  fileFor(folder: string, root: string): FoundFile | undefined;
  /** Returns the first rule in that file whose path the artifact lies in; undefined for none. */
  matchRule(path: string, root: string): MatchedRule | undefined;
}

interface CachedRules {
  fingerprint: string;
  checkedAt: number;
  found: FoundFile | undefined;
}

/** Milliseconds between two checks whether a file has changed. */
const checkEveryMs = 500;

export function rulesOnDisk(): Rules {
  const kept = new Map<string, CachedRules>();
  const tops = new Map<string, string>();

  const read = (path: string): FoundFile | undefined => {
    const now = Date.now();
    const before = kept.get(path);
    if (before && now - before.checkedAt < checkEveryMs) return before.found;
    const stats = statAt(path);
    const fingerprint =
      stats?.isFile() === true ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : '';
    const found = before?.fingerprint === fingerprint ? before.found : fingerprint === '' ? undefined : load(path);
    kept.set(path, { fingerprint, checkedAt: now, found });
    return found;
  };

  const fileFor = (folder: string, root: string): FoundFile | undefined => {
    const top = tops.get(root) ?? topOf(root);
    tops.set(root, top);
    for (let at = folder; at === top || at.startsWith(top === sep ? sep : top + sep); at = dirname(at)) {
      const found = read(join(at, plinthFileName));
      if (found || at === top) return found;
    }
    return undefined;
  };

  const matchRule = (path: string, root: string): MatchedRule | undefined => {
    const source = fileFor(dirname(path), root);
    return source && matchRuleIn(source, path);
  };

  return { fileFor, matchRule };
}

/** Returns the first rule of a file whose path the artifact lies in; undefined for none. */
export function matchRuleIn(source: FoundFile, path: string): MatchedRule | undefined {
  for (const rule of source.file.watch) {
    const matched = ruleOn(source, rule, path);
    if (matched) return matched;
  }
  return undefined;
}

/** Returns the repository that a watched folder lies in, else the folder itself. */
function topOf(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    if (statAt(join(at, '.git'))) return at;
    if (dirname(at) === at) return root;
  }
}

/** Reads a file; undefined for one that is reached through a link. */
export function load(path: string): FoundFile | undefined {
  try {
    if (realpathSync(path) !== join(realpathSync(dirname(path)), plinthFileName)) return undefined;
    const text = readWhole(openRegular(path), maxPlinthFileBytes).toString('utf8');
    return { path, text, ...readPlinthFile(text) };
  } catch (error) {
    const problems = [{ line: 1, column: 1, message: unreadableReason(error) }];
    return { path, text: '', file: emptyPlinthFile, problems };
  }
}

function ruleOn(source: FoundFile, rule: WatchRule, path: string): MatchedRule | undefined {
  const top = dirname(source.path);
  const inside = relative(top, path).split(sep).join('/');
  const match = patternOf(rule.path).exec(inside);
  if (!match) return undefined;
  const { run } = match.groups ?? {};
  const below = inside.slice(match[0].length).replace(/^\//, '');
  const upToRun = run === undefined ? undefined : runFolder(rule.path, inside);
  return {
    source,
    rule,
    model: modelOf(rule, match.groups ?? {}),
    run: upToRun === undefined ? undefined : join(top, upToRun),
    ignored: ignoredBy(rule, below, relative(top, source.path)),
  };
}

/** Returns the model's name by a rule: `model` with its placeholders replaced by the parts of the path, else the part for `{model}`. */
function modelOf({ model }: WatchRule, parts: Record<string, string | undefined>): string | undefined {
  return model === null ? parts['model'] : model.replaceAll(/\{([^}]*)\}/g, (_, name: string) => parts[name] ?? '');
}

function ignoredBy({ include, ignore }: WatchRule, below: string, file: string): string | undefined {
  const matches = (glob: string): boolean =>
    picomatch.isMatch(below, glob.includes('/') ? glob : `**/${glob}`, { dot: true });
  const pattern = ignore.find(matches);
  if (pattern !== undefined) return `${file} ignores ${pattern}`;
  return include.length > 0 && !include.some(matches) ? `${file} includes only ${include.join(', ')}` : undefined;
}

/** Returns an expression for paths below the folders of a rule. */
function patternOf(path: string): RegExp {
  return new RegExp(
    `^${path
      .replace(/^\.?\//, '')
      .replace(/\/$/, '')
      .split('/')
      .map(segment)
      .join('')}(?:/|$)`,
  );
}

function segment(part: string, index: number): string {
  const slash = index === 0 ? '' : '/';
  if (part === '**') return `(?:${slash}[^/]+)*?`;
  if (part === '.' || part === '') return '';
  const text = part.replaceAll(/\{[^}]*\}|\*|\?|[.+^$()|[\]\\]/g, (token) => {
    if (placeholder.test(token)) return `(?<${token.slice(1, -1)}>[^/]+?)`;
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return slash + text;
}

/** Returns the part of a path up to the name that matches `{run}`. */
function runFolder(path: string, inside: string): string | undefined {
  const parts = path.replace(/^\.?\//, '').split('/');
  const upTo = parts.slice(0, parts.findIndex((part) => part.includes('{run}')) + 1).join('/');
  return patternOf(upTo).exec(inside)?.[0].replace(/\/$/, '');
}
