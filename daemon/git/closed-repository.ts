import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findRepository, type Repository, type Unreadable } from './find-repository.ts';
import { readHead } from './head.ts';
import { readWithin } from './read-within.ts';
import { closedEnvironment, type GitResult, type RunGit } from './run.ts';
import {
  asSwitch,
  comparingSettings,
  filterPrograms,
  includesOthers,
  lastOf,
  parseSettings,
  quoted,
} from './settings.ts';
import type { Settings } from './settings.ts';

/**
 * A repository with a temporary `.git` of ours: a configuration that we write, a copy of the index, and the repository's objects.
 * git never reads the repository's own configuration, so no program that it names (filter, hook, monitor, transport, signer) can
 * run, however its name is written.
 */
export interface ClosedRepository extends Repository {
  /** Null without a commit. */
  commit: string | null;
  branch: string | null;
  /** URL as configured, with its credentials. */
  remote: string | null;
  /** Filters for which the repository or the user names programs; undefined if not all names are known. */
  filters: Set<string> | undefined;
  /** Temporary folder that replaces `.git`. */
  ownDir: string;
  /** One sentence for each part that was not read. */
  missing: string[];
  run: (args: readonly string[], options?: RunOptions) => Promise<GitResult>;
}

export interface RunOptions {
  input?: string;
  maxBytes?: number;
  /** Work tree and index to use instead of the repository's. */
  instead?: { top: string; index: string };
}

interface Opening {
  runGit: RunGit;
  /** Time by `performance.now` at which everything must have ended. */
  deadline: number;
}

const maxConfig = 1024 * 1024;
const maxNames = 1024 * 1024;
const maxIndex = 512 * 1024 * 1024;
const maxOutput = 16 * 1024 * 1024;

/**
 * Calls `use` with the repository around a folder and returns its result; undefined outside a repository, `Unreadable` if it
 * cannot be read safely. Deletes the temporary folder afterwards.
 */
export async function withRepository<T>(
  folder: string,
  opening: Opening,
  use: (repository: ClosedRepository) => Promise<T>,
): Promise<T | Unreadable | undefined> {
  const found = findRepository(folder);
  if (!found || 'problem' in found) return found;
  const own = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-git-')));
  try {
    const opened = await openClosed(found, own, opening);
    return 'problem' in opened ? opened : await use(opened);
  } finally {
    rmSync(own, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openClosed(found: Repository, own: string, opening: Opening): Promise<ClosedRepository | Unreadable> {
  for (const name of ['objects', 'refs', 'info', 'none']) mkdirSync(join(own, name));
  writeFileSync(join(own, 'HEAD'), 'ref: refs/heads/none\n');
  writeFileSync(join(own, 'empty'), '');
  writeFileSync(join(own, 'config'), configOf(own, 'sha1', []));
  const settings = await settingsOf(found, own, opening);
  if ('problem' in settings) return settings;
  const { repository, user, missing } = settings;
  const problem = problemOf(found, repository);
  if (problem !== undefined) return { problem };
  const head = readHead(found);
  if (!head) return { problem: `HEAD of ${found.top} is stored in a form that Plinth does not read.` };
  const objectFormat = lastOf(repository, 'extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1';
  writeFileSync(join(own, 'config'), configOf(own, objectFormat, comparingSettings(repository, user)));
  if (head.commit !== null) writeFileSync(join(own, 'HEAD'), `${head.commit}\n`);
  copyParts(found, own, objectFormat === 'sha1' ? 40 : 64);
  const env = {
    ...closedEnvironment(),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: join(own, 'empty'),
    GIT_CONFIG_GLOBAL: join(own, 'empty'),
    GIT_DIR: own,
    GIT_OBJECT_DIRECTORY: join(found.commonDir, 'objects'),
  };
  return {
    ...found,
    ...head,
    ownDir: own,
    remote: lastOf(repository, 'remote.origin.url') ?? null,
    filters: missing.length > 0 ? undefined : filterPrograms(repository, user),
    missing,
    run: (args, { input, maxBytes = maxOutput, instead } = {}) => {
      const top = instead?.top ?? found.top;
      const places = { GIT_WORK_TREE: top, GIT_INDEX_FILE: instead?.index ?? join(own, 'index') };
      const call = { args: ['-C', top, ...args], cwd: own, env: { ...env, ...places }, maxBytes };
      return opening.runGit({ ...call, deadline: opening.deadline, ...(input === undefined ? {} : { input }) });
    },
  };
}

/** Reads both configurations as text. Includes are followed in the user's, not in the repository's. */
async function settingsOf(
  { gitDir, commonDir }: Repository,
  own: string,
  { runGit, deadline }: Opening,
): Promise<{ repository: Settings; user: Settings; missing: string[] } | Unreadable> {
  const list = async (args: string[], places: Record<string, string>): Promise<Settings | undefined> => {
    const env = { ...closedEnvironment(), ...places, GIT_DIR: own };
    const call = { args: ['config', ...args, '-z', '--list'], cwd: own, env, deadline, maxBytes: maxOutput };
    const { outcome, status, output } = await runGit(call);
    return outcome === 'done' && status === 0 ? parseSettings(output) : undefined;
  };
  const user = await list(['--includes'], userPlaces());
  if (!user) return { problem: "git is not here, or does not read the user's own configuration." };
  const nobodys = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: join(own, 'empty') };
  const read = async (folder: string, name: string): Promise<Settings | undefined> => {
    if (!lstatSync(join(folder, name), { throwIfNoEntry: false })) return new Map();
    const bytes = readWithin(folder, name, maxConfig);
    if (!bytes) return undefined;
    writeFileSync(join(own, 'theirs'), bytes);
    return list(['--no-includes', '--file', join(own, 'theirs')], nobodys);
  };
  const shared = await read(commonDir, 'config');
  const hasOwn = shared && asSwitch(lastOf(shared, 'extensions.worktreeconfig')) === 'true';
  const worktree = hasOwn ? await read(gitDir, 'config.worktree') : new Map<string, string[]>();
  if (!shared || !worktree)
    return { problem: `The configuration of ${commonDir} was not read, so nothing else of it was.` };
  const repository = new Map([...shared, ...worktree]);
  const included = 'The repository includes configuration of other files, which was not read.';
  return { repository, user, missing: includesOthers(repository) ? [included] : [] };
}

function userPlaces(): Record<string, string> {
  const names = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** Returns why a repository is not the one around the folder, or cannot be read by this git; undefined if it can. */
function problemOf({ top, gitDir, commonDir, isElsewhere }: Repository, settings: Settings): string | undefined {
  const isLinked = gitDir !== commonDir;
  const workTree = isLinked ? undefined : lastOf(settings, 'core.worktree');
  if (workTree === undefined && isElsewhere)
    return `The .git of ${top} names a repository that does not name this folder back: it was not read.`;
  if (workTree !== undefined && realFolder(resolve(gitDir, workTree)) !== top)
    return `The repository of ${top} names another work tree: it was not read.`;
  if (asSwitch(lastOf(settings, 'core.bare')) === 'true' && !isLinked)
    return `The repository of ${top} is a bare one: it has no work tree.`;
  const version = Number(lastOf(settings, 'core.repositoryformatversion') ?? '0');
  const format = lastOf(settings, 'extensions.objectformat');
  const isKnown = [0, 1].includes(version) && (format === undefined || /^sha(1|256)$/.test(format));
  return isKnown ? undefined : `The repository of ${top} has a format that is not read here.`;
}

function realFolder(path: string): string | undefined {
  if (process.platform === 'win32' && /^[\\/]{2}/.test(path)) return undefined;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function configOf(own: string, objectFormat: string, comparing: readonly string[]): string {
  const [version, extensions] =
    objectFormat === 'sha1' ? [0, []] : [1, ['[extensions]', `objectformat = ${objectFormat}`]];
  const core = [
    `repositoryformatversion = ${version}`,
    'bare = false',
    'fsmonitor = false',
    'untrackedcache = false',
    // A relative hooks path would lie in the work tree.
    `hookspath = ${quoted(join(own, 'none'))}`,
    'quotepath = false',
    'safecrlf = false',
    // Larger files are not read completely, so their changes are not in diffs.
    'bigfilethreshold = 16m',
    ...comparing,
  ];
  const off = ['[protocol]', 'allow = never', '[submodule]', 'recurse = false', '[gc]', 'auto = 0'];
  return `${['[core]', ...core, ...extensions, ...off].join('\n')}\n`;
}

/** Copies the index and the files with patterns of file names. */
function copyParts({ gitDir, commonDir }: Repository, own: string, digits: number): void {
  const index = copyWithTime(gitDir, 'index', own);
  const base = index && sharedIndexOf(gitDir, index, digits);
  if (base !== undefined) copyWithTime(gitDir, base, own);
  for (const name of ['info/attributes', 'info/exclude', 'shallow']) {
    const bytes = readWithin(commonDir, name, maxNames);
    if (bytes) writeFileSync(join(own, name), bytes);
  }
}

/** Copies a file with a slightly earlier time. git re-reads files that are as young as the index, so this makes it read rather than trust. */
function copyWithTime(from: string, name: string, to: string): Buffer | undefined {
  const stats = lstatSync(join(from, name), { throwIfNoEntry: false });
  const bytes = stats && readWithin(from, name, maxIndex);
  if (!bytes) return undefined;
  writeFileSync(join(to, name), bytes);
  const seconds = (Math.floor(stats.mtimeMs) - 1) / 1000;
  utimesSync(join(to, name), seconds, seconds);
  return bytes;
}

/** Returns the name of a split index's larger part, which it contains as a digest in the extension `link`; undefined for none. */
function sharedIndexOf(gitDir: string, index: Buffer, digits: number): string | undefined {
  for (let at = index.indexOf('link'); at >= 0; at = index.indexOf('link', at + 1)) {
    const name = `sharedindex.${index.subarray(at + 8, at + 8 + digits / 2).toString('hex')}`;
    if (lstatSync(join(gitDir, name), { throwIfNoEntry: false })) return name;
  }
  return undefined;
}
