import { createHash } from 'node:crypto';
import { createReadStream, existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RegistryError, messageOf } from '../../errors.ts';
import { openRegular } from '../../runtime/file-reader.ts';
import { withRepository } from '../../git/closed-repository.ts';
import { layOutCommit, type LaidOut } from '../../git/lay-out.ts';
import { runGit } from '../../git/run.ts';
import type { DataFile, Lineage } from '../../protocol/lineage.ts';
import { recordedCommand } from './recorded-command.ts';
import type { Client } from './request.ts';
import { referenceTo } from '../../shared/references.ts';

export interface Reproduction {
  folder: string;
  commit: string;
  /** Command to run in that folder; null if the process was not seen. For a sweep, that of the one job. */
  command: string[] | null;
  /** Folder in which to run it. */
  workingFolder: string;
  /** Each data file, and whether its bytes are unchanged. */
  data: { path: string; state: 'same' | 'changed' | 'missing' | 'not checked' }[];
  /** One sentence about what is missing; empty for nothing. */
  missing: string;
}

/** Time limit for a checkout of any size. */
const maxMs = 15 * 60_000;

/**
 * Recreates a version's code in a new folder: a git worktree at its commit with the uncommitted changes, the list of packages and
 * the captured files, and a REPRODUCE.md with the command and the data to check. Runs no code, filter or hook of the repository;
 * what these would have changed is reported as missing. Throws `not-found` if the version has no commit or its repository is
 * gone, `conflict` for a folder that is not empty.
 */
export async function reproduce(client: Client, model: string, version: string, folder: string): Promise<Reproduction> {
  const { lineage, version: found } = await client.call('GET /models/:model/versions/:version', { model, version });
  const label = referenceTo(found.model, found.number);
  const code = lineage?.code;
  if (!lineage || !code)
    throw new RegistryError(
      'not-found',
      `${label} has no recorded commit: it was written outside a git repository, or in one that could not be read.`,
    );
  if (!existsSync(code.repository)) {
    const from = code.remote === null ? '' : `; clone ${code.remote} there first`;
    throw new RegistryError('not-found', `The repository ${code.repository} of ${label} no longer exists${from}.`);
  }
  await assertEmpty(folder);
  const { filtered, failed } = await layOut(client, { model, version }, lineage, folder);
  const data = await Promise.all(lineage.data.map((file) => checkData(file, [folder, code.repository])));
  await linkData(lineage.data, data, code.repository, folder);
  const command = lineage.process === null ? undefined : recordedCommand(lineage.process, code.repository, folder);
  const missing = missingOf(lineage, { filtered, failed }, data, command?.missing ?? []);
  const workingFolder = command?.folder ?? folder;
  const result = { folder, commit: code.commit, command: command?.arguments ?? null, workingFolder, data, missing };
  await replace(join(folder, 'REPRODUCE.md'), guide(label, result, lineage));
  return result;
}

async function assertEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length > 0)
    throw new RegistryError('conflict', `${folder} is not empty. Choose a folder that does not exist yet.`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
}

interface Outcome {
  /** Files in their stored form, because a filter was not run. */
  filtered: string[];
  /** True if the uncommitted changes could not be applied. */
  failed: boolean;
}

async function layOut(
  client: Client,
  of: { model: string; version: string },
  lineage: Lineage,
  folder: string,
): Promise<Outcome> {
  const { repository = '', commit = '' } = lineage.code ?? {};
  const opening = { runGit, deadline: performance.now() + maxMs };
  const result = await withRepository(repository, opening, async (opened) => {
    const laidOut = await layOutCommit(opened, commit, folder);
    return { filtered: laidOut.filtered, ...(await layOutCaptured(client, of, lineage, folder, laidOut)) };
  }).catch((error: unknown) => {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError('conflict', `The git command failed: ${messageOf(error)}`);
  });
  if (result && !('problem' in result)) return result;
  const why = result?.problem ?? `${repository} is no longer a repository`;
  throw new RegistryError('conflict', `The commit cannot be checked out: ${why}`);
}

/** Applies the uncommitted changes, and writes other captured files if the commit has none of that name. */
async function layOutCaptured(
  client: Client,
  of: { model: string; version: string },
  { captured, environment }: Lineage,
  folder: string,
  { apply }: LaidOut,
): Promise<{ failed: boolean }> {
  let failed = false;
  for (const { path } of captured) {
    const { text } = await client.call('GET /models/:model/versions/:version/captured', { ...of, path });
    const target = join(folder, path === 'uncommitted.diff' ? '.uncommitted.diff' : path);
    if (path !== 'uncommitted.diff') {
      if (!isFree(folder, path)) continue;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text, { flag: 'wx' });
      continue;
    }
    await replace(target, text);
    failed = !(await apply(target));
    if (!failed) await rm(target);
  }
  if (environment) {
    const pins = Object.entries(environment.packages).map(([name, version]) => `${name}==${version}`);
    await replace(join(folder, 'requirements.recorded.txt'), `${pins.join('\n')}\n`);
  }
  return { failed };
}

/** True if nothing exists at a path below a folder, and no link on the way leads out of it. */
function isFree(folder: string, path: string): boolean {
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..', '.git'].includes(part.toLowerCase()))) return false;
  const places = parts.map((_part, index) => join(folder, ...parts.slice(0, index + 1)));
  return places.every((folder, index) => {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    return stats === undefined || (index < places.length - 1 && stats.isDirectory());
  });
}

/** Writes a file in place of the commit's own, which may be a link. */
async function replace(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text, { flag: 'wx' });
}

async function checkData(file: DataFile, places: readonly string[]): Promise<Reproduction['data'][number]> {
  const { path, digest } = file;
  if (!digest.startsWith('sha256:') && !digest.startsWith('md5:')) return { path, state: 'not checked' };
  const [algorithm = 'sha256', wanted] = digest.split(':');
  const at = (isAbsolute(path) ? [path] : places.map((folder) => join(folder, path))).find((one) => existsSync(one));
  if (at === undefined) return { path, state: 'missing' };
  const hash = createHash(algorithm);
  try {
    await pipeline(createReadStream(at, { fd: openRegular(realpathSync(at)).handle }), hash);
  } catch {
    return { path, state: 'not checked' };
  }
  return { path, state: hash.digest('hex') === wanted ? 'same' : 'changed' };
}

/**
 * Links data that git does not contain to the repository's file where the command expects it, if its bytes are unchanged. Creates
 * nothing behind a link that the commit contains.
 */
async function linkData(
  files: readonly DataFile[],
  checked: Reproduction['data'],
  repository: string,
  folder: string,
): Promise<void> {
  const top = realpathSync(folder);
  for (const [at, { path }] of files.entries()) {
    const target = join(folder, path);
    const source = join(repository, path);
    const isInside = !isAbsolute(path) && !path.split('/').includes('..');
    if (checked[at]?.state !== 'same' || !isInside || existsSync(target) || !existsSync(source)) continue;
    if (!isBelow(nearestReal(dirname(target)), top)) continue;
    await mkdir(dirname(target), { recursive: true })
      .then(() => symlink(source, target))
      .catch(() => undefined);
  }
}

/** Returns the real path of the nearest part of a path that exists. */
function nearestReal(path: string): string {
  return existsSync(path) || path === dirname(path) ? realpathSync(path) : nearestReal(dirname(path));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

function missingOf(
  { code, process, environment }: Lineage,
  { filtered, failed }: Outcome,
  data: Reproduction['data'],
  ofCommand: readonly string[],
): string {
  const named = (state: string): string =>
    data
      .filter((file) => file.state === state)
      .map(({ path }) => path)
      .join(', ');
  const parts = [
    failed ? 'its uncommitted changes did not apply (they are in .uncommitted.diff)' : '',
    filtered.length > 0
      ? `files that a filter such as Git LFS has to fetch or to make: ${filtered.slice(0, 5).join(', ')}`
      : '',
    code?.known === 'date' ? 'its commit was only found by its date' : '',
    code && code.untracked.length > 0 ? `files that git did not track: ${code.untracked.slice(0, 5).join(', ')}` : '',
    process ? '' : 'the command was not seen',
    ...ofCommand,
    environment ? '' : 'its packages were not seen',
    named('missing') === '' ? '' : `data that is missing here: ${named('missing')}`,
    named('changed') === '' ? '' : `data that has changed since: ${named('changed')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `Incomplete: ${parts.join('; ')}.`;
}

function guide(
  label: string,
  { commit, command, workingFolder, data, missing }: Reproduction,
  lineage: Lineage,
): string {
  const python = lineage.environment?.python;
  const seeds = Object.entries(lineage.seeds).map(([name, value]) => `${name} = ${value}`);
  const lines = [
    `# How ${label} was made`,
    '',
    `Commit ${commit}${lineage.code?.changed === true ? ', with the uncommitted changes applied' : ''}.`,
    ...(missing === '' ? [] : ['', missing]),
    ...(lineage.environment
      ? ['', `Packages${python ? ` (Python ${python})` : ''}: \`pip install -r requirements.recorded.txt\``]
      : []),
    ...(command
      ? ['', 'Command:', '', '```sh', `cd ${quote(workingFolder)}`, command.map(quote).join(' '), '```']
      : []),
    ...(seeds.length > 0 ? ['', `Seeds: ${seeds.join(', ')}`] : []),
    ...(data.length > 0
      ? [
          '',
          'Data:',
          '',
          ...lineage.data.map((file, index) => `- ${file.path}: ${data[index]?.state} (${file.digest})`),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
