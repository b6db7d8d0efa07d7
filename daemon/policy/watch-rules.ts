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

/** A plinth.yaml as it stands on disk. */
export interface FoundFile {
  path: string;
  text: string;
  file: PlinthFile;
  problems: FileProblem[];
}

export interface MatchedRule {
  source: FoundFile;
  rule: WatchRule;
  /** The name that the rule gives; undefined where it names none. */
  model: string | undefined;
  /** Absolute path of the run's folder; undefined where the rule names none. */
  run: string | undefined;
  /** Why the artifact is not to be looked at; undefined when it is. */
  ignored: string | undefined;
}

/** Reads the plinth.yaml files of watched folders; a file that changed is read again. */
export interface Rules {
  /** The plinth.yaml that holds for a folder: the nearest one in it or above, up to the repository's top or the watched folder. */
  fileFor(folder: string, root: string): FoundFile | undefined;
  /** The first rule there whose path the artifact lies in. */
  matchRule(path: string, root: string): MatchedRule | undefined;
}

interface CachedRules {
  fingerprint: string;
  checkedAt: number;
  found: FoundFile | undefined;
}

/** Between two looks whether a file changed. */
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

/** The first rule of a file whose path the artifact lies in. */
export function matchRuleIn(source: FoundFile, path: string): MatchedRule | undefined {
  for (const rule of source.file.watch) {
    const matched = ruleOn(source, rule, path);
    if (matched) return matched;
  }
  return undefined;
}

/** The repository that a watched folder lies in, else the folder itself. */
function topOf(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    if (statAt(join(at, '.git'))) return at;
    if (dirname(at) === at) return root;
  }
}

/** A file as it stands at this moment; undefined for one that is reached through a link. */
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

/** The name that a rule gives: what `model` says, with what stands in the path for each placeholder; else what `{model}` of the path stands for. */
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

/** Matches paths below the folders that a rule names, from their beginning. */
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

/** The part of a path up to the name that `{run}` stands for. */
function runFolder(path: string, inside: string): string | undefined {
  const parts = path.replace(/^\.?\//, '').split('/');
  const upTo = parts.slice(0, parts.findIndex((part) => part.includes('{run}')) + 1).join('/');
  return patternOf(upTo).exec(inside)?.[0].replace(/\/$/, '');
}
