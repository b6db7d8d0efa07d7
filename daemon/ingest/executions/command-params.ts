import { basename } from 'node:path';
import { parseJson } from '../../formats/text/json.ts';
import type { Json } from '../../protocol/json.ts';
import type { WritingProcess } from '../../protocol/lineage.ts';
import { redactedValues } from '../../secrets/redact.ts';
import { scriptOf } from './process.ts';

const maxParams = 200;
const maxName = 100;
const maxValue = 500;
/** Programs whose arguments do not describe the training in them. */
const hosts =
  /^(ipykernel_launcher|ipykernel|jupyter.*|notebook|spyder.*|pytest|uvicorn|gunicorn|celery|multiprocessing.*|debugpy)$/;
/** Arguments that a launcher adds for its workers, and those about Hydra itself. */
const notParams = /^(local_?rank|rank|node_?rank|world_?size|master_(addr|port)|help|version|multirun|hydra\..*)$/;
const flagNames = /^(use|no|with|without|enable|disable|do|is|skip|only)_/;
const multirun = new Set(['-m', '--multirun']);

/**
 * Returns the params on a training's command line, in the forms of argparse, click, absl and fire (`--lr 0.1`, `--lr=0.1`,
 * `--use-amp`, `--no-bias`) and of Hydra and OmegaConf (`lr=0.1`). Ambiguous words are left out.
 */
export function commandParams({
  command,
  job,
  script,
}: Pick<WritingProcess, 'command' | 'job' | 'script'>): Record<string, Json> {
  const words = argumentsOf(job ?? command, script);
  const isSweep = job === undefined && words.some((word) => multirun.has(word));
  const pairs = [...optionsIn(words), ...words.flatMap((word) => overrideIn(word, isSweep))];
  const known = pairs.filter(([name]) => !notParams.test(name) && name.length <= maxName).slice(0, maxParams);
  return redactedValues(Object.fromEntries(known));
}

/** Returns the words after the script or module, up to a lone `--`; empty for a server or a notebook kernel. */
function argumentsOf(command: readonly string[], script: string | null): string[] {
  const start = startOf(command, script);
  if (start < 0 || hosts.test(basename(command[start] ?? '').replace(/\.py$/, ''))) return [];
  const words = command.slice(start + 1);
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

function startOf(command: readonly string[], script: string | null): number {
  const named = command.findIndex((word, at) => at > 0 && script !== null && scriptOf(['', word], '/') !== null);
  if (named > 0) return named;
  const first = command.findIndex((word, at) => at > 0 && (!word.startsWith('-') || word === '-m' || word === '-c'));
  if (command[first] === '-c') return -1;
  return command[first] === '-m' ? first + 1 : first;
}

type Pair = [name: string, value: Json];

const option = /^--?([A-Za-z][\w.-]*)(?:=([^]*))?$/;

function optionsIn(words: readonly string[]): Pair[] {
  return words.flatMap((word, at): Pair[] => {
    const match = multirun.has(word) ? null : option.exec(word);
    if (!match) return [];
    const [, written = '', given] = match;
    const name = written.replaceAll('-', '_');
    if (given !== undefined) return [[name, valueOf(given)]];
    const values = valuesAfter(words, at);
    const [first] = values;
    if (first !== undefined && !(flagNames.test(name) && typeof valueOf(first) === 'string'))
      return [[name, values.length > 1 && values.every(isNumber) ? values.map(valueOf) : valueOf(first)]];
    // A single letter without a value usually changes a program's output, not the training.
    if (name.length === 1) return [];
    return [name.startsWith('no_') ? [name.slice(3), false] : [name, true]];
  });
}

/** Returns the words up to the next option or override. A negative number is a value. */
function valuesAfter(words: readonly string[], at: number): string[] {
  const rest = words.slice(at + 1);
  const end = rest.findIndex((word) => (word.startsWith('-') && !isNumber(word)) || overrideForm.test(word));
  return end < 0 ? rest : rest.slice(0, end);
}

const overrideForm = /^(?:\+{1,2})?([A-Za-z_][\w./@-]*)=([^]*)$/;

/** Parses `lr=0.1` or `+model.depth=3`. In a sweep whose job is unknown, `lr=0.1,0.2` has no single value and is left out. */
function overrideIn(word: string, isSweep: boolean): Pair[] {
  const match = overrideForm.exec(word);
  if (!match) return [];
  const [, name = '', value = ''] = match;
  return isSweep && value.includes(',') ? [] : [[name, valueOf(value)]];
}

function isNumber(word: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) && !/^[+-]?0\d/.test(word);
}

function valueOf(word: string): Json {
  if (isNumber(word)) return Number(word);
  if (/^true$/i.test(word)) return true;
  if (/^false$/i.test(word)) return false;
  if (/^(none|null)$/i.test(word)) return null;
  const text = /^(["'])([^]*)\1$/.exec(word)?.[2] ?? word;
  return (/^[[{]/.test(text) ? listIn(text) : undefined) ?? text.slice(0, maxValue);
}

function listIn(text: string): Json | undefined {
  try {
    return text.length > maxValue ? undefined : parseJson(text);
  } catch {
    return undefined;
  }
}
