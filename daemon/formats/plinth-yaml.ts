import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import { contradictionsIn } from './plinth-contradictions.ts';
import { keysAt } from './plinth-keys.ts';
import { emptyPlinthFile, fileSchema, type PlinthFile } from './plinth-schema.ts';

export { emptyPlinthFile, type PlinthFile, type WatchRule } from './plinth-schema.ts';

/** A mistake in the file, at a place in it. */
export interface FileProblem {
  /** From 1. */
  line: number;
  column: number;
  /** One sentence. */
  message: string;
}

const largest = 256 * 1024;

/**
 * Reads the text of a plinth.yaml (YAML 1.2, at most 256 KiB, at most 100 aliases). Never throws: a file with a problem
 * says nothing but its problems, as half of a policy is none.
 */
export function readPlinthFile(text: string): { file: PlinthFile; problems: FileProblem[] } {
  if (text.length > largest) return refused(1, 1, 'the file is larger than 256 KiB');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = counter.linePos(broken.pos[0]);
    return refused(line, col, `this is no YAML: ${broken.message.split('\n', 1)[0]}`);
  }
  const value = valueOf(document);
  const parsed = fileSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => issueProblems(issue, value, document, counter));
    return { file: emptyPlinthFile, problems };
  }
  const problems = contradictionsIn(parsed.data).map(({ path, message }) => ({
    ...placeOf(path, document, counter),
    message,
  }));
  return { file: problems.length > 0 ? emptyPlinthFile : parsed.data, problems };
}

function refused(line: number, column: number, message: string): { file: PlinthFile; problems: FileProblem[] } {
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
    return issue.keys.map((key) => {
      const known = keysAt(issue.path, whole).join(', ');
      const message = `${where}${where === '' ? '' : ' '}has no key ${JSON.stringify(key)}; it may have ${known}`;
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
    return `it must be ${issue.expected === 'record' || issue.expected === 'object' ? 'a mapping' : `of the kind ${issue.expected}`}`;
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
