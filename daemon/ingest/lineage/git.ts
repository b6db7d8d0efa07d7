import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { CodeState } from '../../protocol/lineage.ts';
import { redacted, secretFiles } from './redact.ts';

const withinMs = 2000;
const largestDiff = 1024 * 1024;
const mostUntracked = 100;

/** The code around an artifact, and what of it was not committed. */
export interface Code {
  state: CodeState;
  /** A patch without secrets; null where nothing was changed or that cannot be known. */
  diff: string | null;
  /** Said where something was left out. */
  missing: string[];
}

/**
 * The repository that a folder lies in; undefined outside one. An artifact written long before this look tells only which
 * commit was the newest then. Nothing that the repository configures is run: no monitor, no hook, no filter, no external
 * diff; each call has 2 s.
 */
export function codeAround(folder: string, writtenAt: number, isFresh: boolean): Code | undefined {
  const [repository, head] = lines(git(folder, ['rev-parse', '--show-toplevel', 'HEAD'])) ?? [];
  if (repository === undefined || head === undefined) return undefined;
  const remote = lines(git(repository, ['config', '--get', 'remote.origin.url']))?.[0] ?? null;
  const named = { repository, remote: remote === null ? null : redacted(remote) };
  if (!isFresh) return codeByDate(named, head, writtenAt);
  const branch = lines(git(repository, ['symbolic-ref', '--short', '-q', 'HEAD']))?.[0] ?? null;
  const status = git(repository, ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames']);
  const entries = status?.split('\0').filter((entry) => entry !== '') ?? [];
  const unknown = entries.filter((entry) => entry.startsWith('?? ')).map((entry) => entry.slice(3));
  const untracked = unknown.filter((entry) => !isAround(join(repository, entry), folder));
  const changed = status === undefined ? null : entries.length > unknown.length;
  const { diff, missing } = changed === false ? { diff: null, missing: [] } : difference(repository);
  const state = {
    ...named,
    commit: head,
    branch,
    changed,
    untracked: untracked.slice(0, mostUntracked),
    known: 'now' as const,
  };
  return {
    state,
    diff,
    missing: status === undefined ? [...missing, 'git status did not answer within 2 s.'] : missing,
  };
}

/** The artifact's own folder, or one that it lies in, is no news. */
function isAround(path: string, folder: string): boolean {
  return `${folder}/`.startsWith(path) || path.startsWith(`${folder}/`);
}

function codeByDate(named: { repository: string; remote: string | null }, head: string, writtenAt: number): Code {
  const [then] =
    lines(git(named.repository, ['rev-list', '-1', `--before=${new Date(writtenAt).toISOString()}`, 'HEAD'])) ?? [];
  const state = { ...named, commit: then ?? head, branch: null, changed: null, untracked: [], known: 'date' as const };
  return {
    state,
    diff: null,
    missing: ['The file is older than this look: the commit is told by its date, changes are not known.'],
  };
}

function difference(repository: string): { diff: string | null; missing: string[] } {
  const without = secretFiles.map((pattern) => `:(exclude,icase,glob)**/${pattern}`);
  const flags = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', '--submodule=short'];
  const text = git(repository, ['diff', 'HEAD', ...flags, '--', '.', ...without]);
  if (text === undefined)
    return { diff: null, missing: ['The uncommitted changes are more than 1 MiB, or git did not answer within 2 s.'] };
  const patch = redacted(text);
  const kept = patch === text ? [] : ['Secrets were taken out of the uncommitted changes.'];
  return { diff: patch.trim() === '' ? null : patch, missing: kept };
}

function lines(output: string | undefined): string[] | undefined {
  return output?.split('\n').filter((line) => line !== '');
}

const inert = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.quotePath=false',
  'diff.external=',
  'submodule.recurse=false',
  'protocol.allow=never',
];

/** What git prints; undefined when it fails, is too slow or prints more than 1 MiB. */
function git(folder: string, args: readonly string[]): string | undefined {
  const settings = [...inert, ...filtersOff(folder)].flatMap((setting) => ['-c', setting]);
  return run(folder, [...settings, ...args]);
}

/** Filters (such as git-lfs's) are programs that the repository names: each is put out by its name. */
function filtersOff(folder: string): string[] {
  const listed = run(folder, ['config', '--name-only', '--get-regexp', String.raw`^filter\..*`]) ?? '';
  const names = new Set(listed.split('\n').flatMap((key) => /^filter\.(.*)\.[^.]+$/.exec(key)?.[1] ?? []));
  return [...names].flatMap((name) => [
    ...['clean', 'smudge', 'process'].map((part) => `filter.${name}.${part}=`),
    `filter.${name}.required=false`,
  ]);
}

function run(folder: string, args: readonly string[]): string | undefined {
  const result = spawnSync('git', ['-C', folder, '--no-optional-locks', ...args], {
    encoding: 'utf8',
    timeout: withinMs,
    maxBuffer: largestDiff,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
  });
  return result.error === undefined && result.status === 0 ? result.stdout : undefined;
}
