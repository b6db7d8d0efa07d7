import type { Source } from '../../../formats/source.ts';
import type { Json } from '../../../protocol/json.ts';
import type { Notes, Resume } from '../types.ts';
import { addProblem, blank, blankNotes, collector, isObject, type Collector } from './collector.ts';

/**
 * Reads a file that is written as a whole, each time anew. Points that an earlier call has given (the first `n` of a
 * series) are not given again; params and metrics are. `parse` may throw: the file is then noted as unreadable (a writer
 * may be at work) and read again at the next call.
 */
export function readAnew(
  source: Source,
  maxBytes: number,
  resume: Resume | undefined,
  parse: (source: Source, into: Collector) => void,
): { notes: Notes; resume: Resume } {
  const before = resume ?? { offset: 0, state: {} };
  const into = collector();
  if (source.size > maxBytes) {
    addProblem(into.notes, `it has ${source.size} bytes, more than the ${maxBytes} that are read`);
    return { notes: into.notes, resume: before };
  }
  try {
    parse(source, into);
  } catch (error) {
    const notes = blankNotes();
    addProblem(notes, `it cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`);
    return { notes, resume: before };
  }
  return { notes: into.notes, resume: { offset: source.size, state: dropGiven(into.notes, before.state) } };
}

/** As `readAnew`, of a file that is text. */
export function readWhole(
  source: Source,
  maxBytes: number,
  resume: Resume | undefined,
  parse: (text: string, into: Collector) => void,
): { notes: Notes; resume: Resume } {
  return readAnew(source, maxBytes, resume, (all, into) => parse(decode(all.read(0, all.size)), into));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

/** Takes points away that were given before and returns how many of each series have been given now. */
function dropGiven(notes: Notes, state: Json): Json {
  const counts = blank<Json>();
  const given = isObject(state) ? state : {};
  for (const [name, points] of Object.entries(notes.series)) {
    counts[name] = points.length;
    const count = Object.hasOwn(given, name) ? given[name] : 0;
    if (typeof count !== 'number' || count > points.length) continue;
    if (count === points.length) delete notes.series[name];
    else notes.series[name] = points.slice(count);
  }
  return counts;
}
