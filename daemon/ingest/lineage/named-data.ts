import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { openRegular, readWhole } from '../../runtime/file-reader.ts';
import { reportKind } from '../../shared/report-files.ts';
import { dataEndings } from '../executions/data-endings.ts';
import type { Named } from './data.ts';
import type { SeenProcess } from '../executions/process.ts';

const maxScript = 1024 * 1024;
const maxNames = 200;
const maxFolders = 20;
const maxScripts = 200;
/** Tolerance of process start times, which are exact to some clock ticks. */
const startSlackMs = 50;
/** Names of files with a data file's ending that hold settings or results. */
const noData = /^(requirements|constraints|package|config|settings|params|hparams|metrics|results?|report|log)\b/i;
/** What stands before a literal that a script saves to, as `frame.to_csv("x.csv")`, and behind one that it opens to write, as `open("x.csv", "w")`. */
const savingBefore = /\b(to_\w+|save\w*|dump\w*|write\w*)\(\s*$/i;
const writingAfter = /^\s*,\s*(mode\s*=\s*)?["']b?[wax]/;
/** Options whose value is data even without a data file's ending: `data=shapes.yaml`. */
const dataOption = /^-{0,2}[\w.-]*(data|dataset|train|valid|val|test|input|corpus)[\w.-]*$/i;

/** Returns the files that arguments name: `--train_file x.csv`, `--data=x.csv`, `data=shapes.yaml`, `x.csv`. */
export function namedByCommand(command: readonly string[], folder: string): Named[] {
  const named = command.slice(1).flatMap((argument, at, all) => {
    const [, option, given] = /^(-{0,2}[\w.-]+)=(.*)$/s.exec(argument) ?? [];
    const before = all[at - 1];
    const name = option ?? (before?.startsWith('-') === true ? before : undefined);
    const values = (given ?? argument).split(',').filter((value) => isPath(value) && !value.startsWith('-'));
    return values
      .filter((value) => isData(value) || (name !== undefined && dataOption.test(name) && /\.ya?ml$/i.test(value)))
      .map((value) => ({
        path: from(folder, value),
        by: name === undefined ? 'the command line' : `argument ${name}`,
      }));
  });
  return named.slice(0, maxNames);
}

/** Returns the files that a process has open or mapped, and only reads. */
export function namedByReading({ reads }: Pick<SeenProcess, 'reads'>): Named[] {
  return reads.filter(isData).map((path) => ({ path, by: 'read by the process' }));
}

/**
 * Returns the data files that a script or notebook names in string literals, alone or below a folder that it names:
 * `read_csv("data/x.csv")`, `Path("data") / "x.csv"`. What it writes is left out: files that it saves by name, and those written
 * after the process started.
 */
export function namedInScript(
  { script, folder, startedAt }: Pick<SeenProcess, 'script' | 'folder' | 'startedAt'>,
  top: string,
  by = 'named in the script',
): Named[] {
  if (script === null) return [];
  const literals = literalsOf(script, isRead);
  const bases = [...new Set([folder, dirname(script), top])];
  const folders = literals.filter((one) => !one.includes('.') || /^\.{1,2}(\/|$)/.test(one)).slice(0, 200);
  const below = bases.flatMap((base) => folders.map((one) => from(base, one)).filter(isFolder)).slice(0, maxFolders);
  const names = literals.filter(isData).slice(0, maxNames);
  return names.flatMap((name) => {
    const places = isAbsolute(name) ? [name] : [...bases, ...below].map((base) => join(base, name));
    const path = places.find((one) => isOlder(one, startedAt));
    return path === undefined ? [] : [{ path, by }];
  });
}

/**
 * Returns the only script or notebook in these folders that names an artifact by its file name; if several do, the only one that
 * names its folder as well. For scripts that ended before their process was seen. Undefined if it is not certain.
 */
export function scriptNaming(artifact: string, folders: readonly string[]): string | undefined {
  const [file, folder] = [basename(artifact), basename(dirname(artifact))];
  const scripts = [...new Set(folders)].flatMap((one) => scriptsIn(one)).slice(0, maxScripts);
  const named = scripts.flatMap((path) => {
    const literals = literalsOf(path);
    return literals.some((one) => basename(one) === file) ? [{ path, literals }] : [];
  });
  const nearer = named.filter(({ literals }) => literals.some((one) => one.split('/').includes(folder)));
  const found = named.length > 1 ? nearer : named;
  return found.length === 1 ? found[0]?.path : undefined;
}

function scriptsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(py|ipynb|jl|r)$/i.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

type Literal = RegExpExecArray;

/** Returns every string literal of a script or of a notebook's code that is wanted, each once. */
function literalsOf(script: string, isWanted: (literal: Literal) => boolean = () => true): string[] {
  const text = textOf(script) ?? '';
  return [...new Set(literalsIn(extname(script) === '.ipynb' ? cellsOf(text) : text, isWanted))];
}

/** False for a literal that names a file to be written. */
function isRead({ 0: whole, index, input }: Literal): boolean {
  const end = index + whole.length;
  return (
    !savingBefore.test(input.slice(Math.max(0, index - 40), index)) && !writingAfter.test(input.slice(end, end + 40))
  );
}

function isPath(text: string): boolean {
  return text.length > 0 && text.length < 1000 && !/[\0\n]|^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

function isData(path: string): boolean {
  return dataEndings.test(path) && !noData.test(basename(path)) && reportKind(basename(path)) === undefined;
}

function from(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Returns the one-line string literals of a text that may be paths; those with escapes or placeholders are left out. */
function literalsIn(text: string, isWanted: (literal: Literal) => boolean): string[] {
  return [...text.matchAll(/(["'])((?:\\.|(?!\1)[^\n\\])*)\1/g)]
    .filter(isWanted)
    .map(([, , inner]) => inner!)
    .filter((one) => one.length <= 300 && !/[\\{}<>|*]/.test(one) && isPath(one));
}

function cellsOf(text: string): string {
  try {
    const { cells = [] } = JSON.parse(text) as { cells?: { cell_type?: string; source?: string | string[] }[] };
    return cells
      .filter((cell) => cell.cell_type === 'code')
      .map(({ source }) => (Array.isArray(source) ? source.join('') : (source ?? '')))
      .join('\n');
  } catch {
    return '';
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

function isOlder(path: string, startedAt: number | null): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true && (startedAt === null || stats.mtimeMs < startedAt + startSlackMs);
  } catch {
    return false;
  }
}

/** Returns a script's text; undefined if it is no small regular file. */
function textOf(path: string): string | undefined {
  try {
    return readWhole(openRegular(path), maxScript).toString('utf8');
  } catch {
    return undefined;
  }
}
