import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { homeFolder } from '../../runtime/current-user.ts';
import type { Json } from '../../protocol/json.ts';
import type { CodeState, DataFile, Environment, WritingProcess } from '../../protocol/lineage.ts';
import { capturedFiles, type Captured } from './captured-files.ts';
import { commandParams } from '../executions/command-params.ts';
import { dataFiles, namedByDvc, namedByProcess, namedInParams, type Named } from './data.ts';
import { namedByCommand, namedByReading, namedInScript, scriptNaming } from './named-data.ts';
import { codeAround } from './git.ts';
import { environmentFrom, environmentOf } from './packages.ts';
import { withoutPrivate, type SeenProcess } from '../executions/process.ts';
import { notebookVariable } from '../executions/started-python.ts';
import { jobOf } from './sweep.ts';
import { isSeed } from '../../shared/params.ts';

export interface LookRequest {
  /** Absolute path of the artifact's primary file. */
  path: string;
  root: string;
  run: string | null;
  writtenAt: number;
  /** True for a file that was written just now. Only then does the live state of git and processes describe it. */
  isFresh: boolean;
  process: SeenProcess | undefined;
  params: Record<string, Json>;
}

export interface Look {
  code: CodeState | null;
  process: WritingProcess | null;
  environment: Environment | null;
  data: DataFile[];
  seeds: Record<string, number>;
  captured: Captured[];
  missing: string[];
}

/** Collects everything that shows where an artifact came from. Blocks (git, hashing): for a worker thread. */
export async function lookAround(request: LookRequest, progress: () => void): Promise<Look> {
  const folder = dirname(request.path);
  const code = await codeAround(request.path, request.writtenAt, request.isFresh);
  const guess =
    request.process === undefined && request.isFresh ? guessScript(request, code?.state?.repository) : undefined;
  const top = code?.state?.repository ?? guess?.project ?? projectOf(realpathSync(request.root), request.process);
  const places = [...new Set([top, realpathSync(request.root)])];
  const seen = request.process && withNotebook(request.process, request, top);
  const environment = environmentFor(request, folder, places);
  const folders = [...new Set([seen?.folder, folder, request.run, top].filter((one) => typeof one === 'string'))];
  const named = [...namedInParams(request.params, folders), ...(seen ? namedBy(seen, top) : (guess?.named ?? []))];
  const isLive = request.isFresh || code === undefined;
  const captured = capturedFiles(
    {
      folder: realpathSync(folder),
      run: request.run !== null && existsSync(request.run) ? realpathSync(request.run) : null,
      top,
      script: isLive ? (seen?.script ?? guess?.script ?? null) : null,
      named: seen ? filesNamedBy(seen) : [],
      until: isLive ? Infinity : request.writtenAt + afterSavingMs,
    },
    list,
  );
  const diff = code?.diff ?? null;
  return {
    code: code?.state ?? null,
    process: seen ? writingProcessOf(seen, folders) : null,
    environment: environment ?? null,
    data: [...dataFiles(named, places, progress), ...namedByDvc(top)],
    seeds: seedsIn({ ...(seen ? commandParams(writingProcessOf(seen, folders)) : {}), ...request.params }),
    captured: diff === null ? captured : [{ path: 'uncommitted.diff', text: diff }, ...captured],
    missing: [...(code?.missing ?? ['The artifact is not in a git repository.']), ...missingOf(request, environment)],
  };
}

interface Guess {
  script: string;
  project: string;
  named: Named[];
}

/** Time before the save in which an unseen process is taken to have read its data; one that ran longer is usually seen. */
const beforeSavingMs = 10_000;

/**
 * Time after an older save in which its run still wrote settings. A file of a repository that was written later may be of a later commit.
 */
const afterSavingMs = 60_000;

/**
 * Returns the only script of the project that names the artifact, and the data that the script names. For artifacts whose writer
 * was not seen. Undefined if there is none or more than one.
 */
function guessScript({ path, root, writtenAt }: LookRequest, repository: string | undefined): Guess | undefined {
  const real = realpathSync(root);
  const parent = dirname(real);
  const isOwn = parent !== homeFolder() && parent !== dirname(parent);
  const project = repository ?? (isOwn ? parent : real);
  const folders = [...new Set([project, real, ...(isOwn && real.startsWith(project + sep) ? [parent] : [])])];
  const script = scriptNaming(
    path,
    folders.flatMap((one) => [one, ...scriptFolders.map((name) => join(one, name))]),
  );
  if (script === undefined) return undefined;
  const by = `named in ${basename(script)}, which names ${basename(path)}`;
  const ran = { script, folder: project, startedAt: writtenAt - beforeSavingMs };
  return { script, project, named: namedInScript(ran, project, by) };
}

/**
 * Adds the notebook to a kernel's process, whose command does not name it: from Jupyter's variable, else the only notebook that
 * names the artifact.
 */
function withNotebook(seen: SeenProcess, { path, root }: LookRequest, top: string): SeenProcess {
  if (seen.script !== null || !seen.command.some((argument) => /ipykernel/.test(argument))) return seen;
  const notebook = seen.python.variables[notebookVariable];
  const script =
    notebook === undefined ? undefined : isAbsolute(notebook) ? notebook : join(seen.folder, basename(notebook));
  if (script?.endsWith('.ipynb') === true && existsSync(script)) return { ...seen, script };
  const places = [seen.folder, top, realpathSync(root)];
  const naming = scriptNaming(
    path,
    places.flatMap((one) => [one, join(one, 'notebooks')]),
  );
  return naming?.endsWith('.ipynb') === true ? { ...seen, script: naming } : seen;
}

/** Returns the arguments and option values of a command as absolute paths. */
function filesNamedBy({ command, folder }: SeenProcess): string[] {
  const values = command.slice(1).map((argument) => /^-{0,2}[\w.-]+=(.*)$/s.exec(argument)?.[1] ?? argument);
  return values.filter((value) => value !== '' && !value.startsWith('-')).map((value) => resolve(folder, value));
}

const scriptFolders = ['src', 'scripts', 'notebooks', 'training'];

/**
 * Returns the project folder outside git: the process's working folder if the watched folder lies in it, but never a home folder
 * or a whole disk. Otherwise the watched folder.
 */
function projectOf(root: string, seen: SeenProcess | undefined): string {
  if (seen === undefined || !root.startsWith(seen.folder + sep)) return root;
  return seen.folder === homeFolder() || seen.folder === dirname(seen.folder) ? root : seen.folder;
}

/** Returns the data that the writing process names: in its arguments, its open files and its script's text. */
function namedBy(seen: SeenProcess, top: string): Named[] {
  return [
    ...namedByCommand(seen.command, seen.folder),
    ...namedByProcess(seen.open),
    ...namedByReading(seen),
    ...namedInScript(seen, top),
  ];
}

function environmentFor(
  { run, isFresh, process }: LookRequest,
  folder: string,
  places: readonly string[],
): Environment | undefined {
  const logged = [folder, ...(run === null ? [] : [run, ...wandbFolders(run)])].map((one) =>
    environmentFrom(join(one, 'requirements.txt'), places),
  );
  const loggedEnvironment = logged.find((one) => one !== undefined);
  return (isFresh ? environmentOf(process, places) : undefined) ?? loggedEnvironment;
}

/** Returns the folders in which W&B keeps the packages of its newest run: `wandb/<run>/files/requirements.txt`. */
function wandbFolders(run: string): string[] {
  const newest = list(join(run, 'wandb'))
    .filter((name) => /^(offline-)?run-/.test(name))
    .toSorted()
    .at(-1);
  return newest === undefined ? [] : [join(run, 'wandb', newest, 'files')];
}

function missingOf({ process: seen, isFresh }: LookRequest, environment: Environment | undefined): string[] {
  const missing: string[] = [];
  if (!seen)
    missing.push(
      isFresh
        ? 'Writer not seen: the process that wrote it had ended, or cannot be seen here.'
        : 'The process that wrote it had ended long before.',
    );
  if (!environment) missing.push('No Python environment was found for it.');
  return missing;
}

/** Describes the writing process, for a Hydra sweep with the command of this job alone. */
function writingProcessOf(seen: SeenProcess, folders: readonly string[]): WritingProcess {
  const job = jobOf(seen, folders);
  return { ...withoutPrivate(seen), ...(job === undefined ? {} : { job }) };
}

function seedsIn(params: Record<string, Json>): Record<string, number> {
  const entries = Object.entries(params).filter(([name, value]) => isSeed(name) && typeof value === 'number');
  return Object.fromEntries(entries) as Record<string, number>;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
