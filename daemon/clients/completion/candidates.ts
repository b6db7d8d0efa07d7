import type { Model } from '../../protocol/model.ts';
import { splitReference } from '../../shared/references.ts';

/** A command as `scripts/build.mjs` writes it into `commands.json`. */
export interface CommandEntry {
  name: string;
  /** Long flags; those of `valued` take a value. */
  options: string[];
  valued: string[];
  /** Names of its arguments: `version`, `model`, `stage`, `file`; the last may repeat. */
  arguments: string[];
  commands: CommandEntry[];
}

/** What may stand at the end of a command line: names of commands or flags, or something that only the registry knows. */
export type Expected =
  | { kind: 'words'; words: string[] }
  | { kind: 'model' | 'reference' | 'stage'; word: string; model: string | undefined }
  | { kind: 'nothing' };

const ofModel = new Set(['model', 'into', 'from']);
const ofReference = new Set([
  'version',
  'versions',
  'reference',
  'references',
  'baseline',
  'candidate',
  'of',
  'subject',
]);

/** Determines what the last of the words may be. Pure. */
export function expectedAfter(program: CommandEntry, words: readonly string[]): Expected {
  const word = words.at(-1) ?? '';
  let command = program;
  let at = 0;
  let before: string | undefined;
  const given: string[] = [];
  for (const one of words.slice(0, -1)) {
    at += 1;
    if (before !== undefined && (command.valued.includes(before) || program.valued.includes(before)))
      before = undefined;
    else if (one.startsWith('-')) before = one.includes('=') ? undefined : one;
    else {
      before = undefined;
      const inner: CommandEntry | undefined =
        given.length === 0 ? command.commands.find(({ name }) => name === one) : undefined;
      if (inner) command = inner;
      else given.push(one);
    }
  }
  if (before !== undefined && (command.valued.includes(before) || program.valued.includes(before)))
    return { kind: 'nothing' };
  if (word.startsWith('-')) return matching([...command.options, ...program.options], word);
  if (command.commands.length > 0 && given.length === 0)
    return matching(
      command.commands.map(({ name }) => name),
      word,
    );
  const name = command.arguments[Math.min(given.length, command.arguments.length - 1)] ?? '';
  if (name === 'stage' || name === 'alias') return { kind: 'stage', word, model: given[0] };
  if (ofModel.has(name)) return { kind: 'model', word, model: undefined };
  return ofReference.has(name) ? { kind: 'reference', word, model: undefined } : { kind: 'nothing' };
}

function matching(words: readonly string[], word: string): Expected {
  return { kind: 'words', words: [...new Set(words)].filter((one) => one.startsWith(word)).toSorted() };
}

/** Names that a shell takes as they are. Others are not offered, as a shell would interpret them. */
const plain = /^[\p{L}\p{N}_.@:/+-]+$/u;

/** Returns the names of a registry that may complete a word. */
export function namesFor(
  { kind, word, model: named }: Exclude<Expected, { kind: 'words' | 'nothing' }>,
  models: readonly Model[],
): string[] {
  const found =
    kind === 'stage'
      ? pointersOf(models, named)
      : kind === 'model' || !word.includes('@')
        ? modelNames(models, kind)
        : versionsOf(models, word);
  return found.filter((one) => one.startsWith(word) && plain.test(one) && !one.startsWith('-')).toSorted();
}

function modelNames(models: readonly Model[], kind: string): string[] {
  return models.map(({ name }) => (kind === 'reference' ? `${name}@` : name));
}

function pointersOf(models: readonly Model[], named: string | undefined): string[] {
  const name = named === undefined ? undefined : splitReference(named).model;
  const pointers = models.filter((one) => name === undefined || one.name === name).flatMap((one) => one.pointers);
  return ['production', 'staging', ...pointers.map((one) => (one.kind === 'alias' ? `@${one.name}` : one.name))];
}

/** Newest versions of a model that are offered by number. */
const maxNumbers = 30;

function versionsOf(models: readonly Model[], word: string): string[] {
  const name = word.slice(0, word.indexOf('@'));
  const model = models.find((one) => one.name === name);
  if (!model) return [];
  const latest = model.latest ?? 0;
  const numbers = Array.from({ length: Math.min(latest, maxNumbers) }, (_, at) => String(latest - at));
  const held = model.pointers.filter(({ holder }) => holder !== null).map((one) => one.name);
  return [...numbers, ...held, 'latest'].map((one) => `${name}@${one}`);
}
