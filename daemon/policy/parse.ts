import type * as z from 'zod';
import { contradictionsIn } from './contradictions.ts';
import { keysAt, valueAt } from './keys.ts';
import { emptyPlinthFile, fileSchema, type PlinthFile } from './schema.ts';
import { readYaml, type TextPosition, type YamlText } from './yaml-text.ts';

export { emptyPlinthFile, type PlinthFile, type WatchRule } from './schema.ts';

/** An error in the file, with its position. */
export interface FileProblem extends TextPosition {
  /** One sentence. */
  message: string;
}

export const maxPlinthFileBytes = 256 * 1024;
const maxProblems = 100;
const maxKnownTexts = 50;

type Reading = { file: PlinthFile; problems: FileProblem[] };

/** Texts read lately, newest last, as each step of a decision reads the same policy. */
const known = new Map<string, Reading>();

/**
 * Parses a plinth.yaml (YAML 1.2, at most 256 KiB, at most 100 aliases). Never throws: a file with errors gives only these, the
 * first 100, as half of a policy must not apply. The result is shared and never changed.
 */
export function readPlinthFile(text: string): Reading {
  if (Buffer.byteLength(text) > maxPlinthFileBytes) return refused(1, 1, 'The file is larger than 256 KiB');
  const before = known.get(text);
  const reading = before ?? parseText(text);
  known.delete(text);
  known.set(text, reading);
  const [oldest] = known.keys();
  if (known.size > maxKnownTexts && oldest !== undefined) known.delete(oldest);
  return reading;
}

function parseText(text: string): Reading {
  const read = readYaml(text);
  if ('reason' in read) return refused(read.line, read.column, `Invalid YAML: ${read.reason}`);
  const checked = fileSchema.safeParse(read.value ?? {});
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, maxProblems);
    return {
      file: emptyPlinthFile,
      problems: issues.flatMap((issue) => issueProblems(issue, read)).slice(0, maxProblems),
    };
  }
  const found = contradictionsIn(checked.data).slice(0, maxProblems);
  const problems = found.map(({ path, message }) => ({ ...read.placeOf(path), message }));
  return { file: problems.length > 0 ? emptyPlinthFile : checked.data, problems };
}

function refused(line: number, column: number, message: string): Reading {
  return { file: emptyPlinthFile, problems: [{ line, column, message }] };
}

type Path = readonly PropertyKey[];

function issueProblems(issue: z.core.$ZodIssue, { value: whole, placeOf }: YamlText): FileProblem[] {
  const where = nameOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, maxProblems).map((key) => {
      const known = keysAt(issue.path, whole).join(', ');
      const message = `${where}${where === '' ? '' : ' '}has no key ${JSON.stringify(key)}; allowed keys: ${known}`;
      return { ...placeOf([...issue.path, key]), message: message.trim() };
    });
  }
  const message = `${where || 'the file'}: ${expectation(issue, whole)}, not ${showValue(valueAt(whole, issue.path))}`;
  return [{ ...placeOf(issue.path), message }];
}

/** Formats a value for an error; a long list only by its length. */
function showValue(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (Array.isArray(found)) return found.length > 20 ? `${found.length}` : JSON.stringify(found).slice(0, 60);
  return JSON.stringify(found)?.slice(0, 60) ?? 'nothing';
}

function expectation(issue: z.core.$ZodIssue, whole: unknown): string {
  if (issue.code === 'invalid_value') return `it must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type')
    return `it must be ${issue.expected === 'record' || issue.expected === 'object' ? 'a mapping' : `of type ${issue.expected}`}`;
  if (issue.code === 'too_big' && issue.origin === 'array') return `it must have at most ${issue.maximum} entries`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
    return `it must be one of ${keysAt(issue.path, whole).join(', ')}`;
  return issue.message;
}

/** Formats a path: `watch[0].register`. */
function nameOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
