import { LineCounter, isCollection, isMap, isNode, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import { contradictionsIn } from './contradictions.ts';
import { keysAt } from './keys.ts';
import { emptyPlinthFile, fileSchema, type PlinthFile } from './schema.ts';

export { emptyPlinthFile, type PlinthFile, type WatchRule } from './schema.ts';

/** A mistake in the file, at a place in it. */
export interface FileProblem {
  /** From 1. */
  line: number;
  column: number;
  /** One sentence. */
  message: string;
}

export const maxPlinthFileBytes = 64 * 1024;
const maxProblems = 100;
const maxKnownTexts = 50;

type Reading = { file: PlinthFile; problems: FileProblem[] };

/** Texts that were read lately, the newest last: the same rules are asked for at every step of a decision. */
const known = new Map<string, Reading>();

/**
 * Reads the text of a plinth.yaml (YAML 1.2, at most 64 KiB, at most 100 aliases). Never throws: a file with a problem
 * says nothing but its problems, the first 100, as half of a policy is none. What it answers is shared and never changed.
 */
export function readPlinthFile(text: string): Reading {
  if (Buffer.byteLength(text) > maxPlinthFileBytes) return refused(1, 1, 'The file is larger than 64 KiB');
  const before = known.get(text);
  const reading = before ?? parsed(text);
  known.delete(text);
  known.set(text, reading);
  const [oldest] = known.keys();
  if (known.size > maxKnownTexts && oldest !== undefined) known.delete(oldest);
  return reading;
}

function parsed(text: string): Reading {
  const counter = new LineCounter();
  const document = documentOf(text, counter);
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = counter.linePos(broken.pos[0]);
    return refused(line, col, `Invalid YAML: ${broken.message.split('\n', 1)[0]}`);
  }
  const twice = repeatedKey(document);
  if (twice) {
    const { line, col } = counter.linePos(twice.at);
    return refused(line, col, `Invalid YAML: the key ${JSON.stringify(twice.key)} occurs twice in one mapping`);
  }
  const value = valueOf(document);
  const checked = fileSchema.safeParse(value ?? {});
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, maxProblems);
    const problems = issues.flatMap((issue) => issueProblems(issue, value, document, counter)).slice(0, maxProblems);
    return { file: emptyPlinthFile, problems };
  }
  const found = contradictionsIn(checked.data).slice(0, maxProblems);
  const problems = found.map(({ path, message }) => ({
    ...placeOf(path, document, counter),
    message,
  }));
  return { file: problems.length > 0 ? emptyPlinthFile : checked.data, problems };
}

/** The parser makes an error of every mistake; without their stacks thousands of them cost little. */
function documentOf(text: string, lineCounter: LineCounter): Document {
  const kept = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  } finally {
    Error.stackTraceLimit = kept;
  }
}

/** The parser compares keys pair by pair: here each is looked up once. */
function repeatedKey(document: Document): { key: string; at: number } | undefined {
  const waiting: unknown[] = [document.contents];
  for (let node = waiting.pop(); waiting.length > 0 || node !== undefined; node = waiting.pop()) {
    if (isSeq(node)) for (const item of node.items) if (isCollection(item)) waiting.push(item);
    if (!isMap(node)) continue;
    const keys = new Set<unknown>();
    for (const { key, value } of node.items) {
      if (isScalar(key) && keys.has(key.value)) return { key: String(key.value), at: key.range?.[0] ?? 0 };
      if (isScalar(key)) keys.add(key.value);
      if (isCollection(value)) waiting.push(value);
    }
  }
  return undefined;
}

function refused(line: number, column: number, message: string): Reading {
  return { file: emptyPlinthFile, problems: [{ line, column, message }] };
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return 'too many aliases';
  }
}

type Path = readonly PropertyKey[];

function issueProblems(
  issue: z.core.$ZodIssue,
  whole: unknown,
  document: Document,
  counter: LineCounter,
): FileProblem[] {
  const where = nameOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, maxProblems).map((key) => {
      const known = keysAt(issue.path, whole).join(', ');
      const message = `${where}${where === '' ? '' : ' '}has no key ${JSON.stringify(key)}; allowed keys: ${known}`;
      return { ...placeOf([...issue.path, key], document, counter), message: message.trim() };
    });
  }
  const found = document.getIn([...issue.path]);
  const value = found === undefined ? 'nothing' : JSON.stringify(found)?.slice(0, 60);
  return [
    {
      ...placeOf(issue.path, document, counter),
      message: `${where || 'the file'}: ${expectation(issue, whole)}, not ${value}`,
    },
  ];
}

function expectation(issue: z.core.$ZodIssue, whole: unknown): string {
  if (issue.code === 'invalid_value') return `it must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type')
    return `it must be ${issue.expected === 'record' || issue.expected === 'object' ? 'a mapping' : `of type ${issue.expected}`}`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
    return `it must be one of ${keysAt(issue.path, whole).join(', ')}`;
  return issue.message;
}

/** `watch[0].register` */
function nameOf(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** The key's place where there is one, else that of the nearest node above it. */
function placeOf(path: Path, document: Document, counter: LineCounter): { line: number; column: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = isNode(node) ? node.range : undefined;
    if (!range) continue;
    const { line, col } = counter.linePos(range[0]);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}
