import { parseJson } from '../../../formats/text/json.ts';
import type { Source } from '../../../formats/source.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { ReadValues, Resume } from '../types.ts';
import { addProblem, collector, enoughOfLines, type Collector } from './collector.ts';
import { completeLines, firstLines, goesOn } from './line-reader.ts';

/** Number of lines read so far, and the state of `collect`. */
export interface LinesState {
  line: number;
  iteration?: number;
}

const maxFirstLine = 1024 * 1024;

/**
 * Returns true if the file has one JSON object on each line: its first line is one and ended. A single object without a line end
 * may be a document, or a log that has just begun.
 */
export function isJsonLines(source: Source): boolean {
  const head = firstLines(source, 1, maxFirstLine);
  const end = head.indexOf('\n');
  if (end < 0) return false;
  return /^\s*\{/.test(head.toString('utf8', end)) && objectIn(head.toString('utf8', 0, end)) !== undefined;
}

/**
 * Reads one object a line, from the end of the last call. An unfinished last line counts if it is a complete object, as some
 * writers do not end it.
 */
export function readJsonLines(
  source: Source,
  resume: Resume | undefined,
  collect: (into: Collector, record: Record<string, Json>, state: LinesState) => void,
): ReadValues {
  const into = collector();
  const before = goesOn(source, resume) ? stateOf(resume.state) : undefined;
  const state = before ?? { line: 0 };
  let offset = before === undefined ? 0 : (resume?.offset ?? 0);
  const take = (raw: string): void => {
    state.line++;
    if (raw.trim() === '') return;
    const record = objectIn(raw);
    if (record) collect(into, record, state);
    else addProblem(into.values, `line ${state.line} is not a JSON object; skipped`);
  };
  for (const { text, end } of completeLines(source, offset)) {
    if (text === '') addProblem(into.values, `line ${++state.line} is too long; skipped`);
    else text.slice(0, -1).split('\n').forEach(take);
    offset = end;
    if (into.points >= enoughOfLines) break;
  }
  const tail =
    source.size - offset < maxFirstLine ? Buffer.from(source.read(offset, maxFirstLine)).toString('utf8') : '';
  if (tail.trim() !== '' && !tail.includes('\n') && objectIn(tail)) {
    take(tail);
    offset = source.size;
  }
  return { values: into.values, resume: { offset, state: { ...state } }, anew: before === undefined };
}

function stateOf(state: Json): LinesState | undefined {
  return isObject(state) && typeof state['line'] === 'number' ? { ...(state as unknown as LinesState) } : undefined;
}

function objectIn(raw: string): Record<string, Json> | undefined {
  try {
    const value = parseJson(raw);
    return isObject(value) ? (value as Record<string, Json>) : undefined;
  } catch {
    return undefined;
  }
}
