import type { Source } from '../../../formats/source.ts';
import type { Json } from '../../../protocol/json.ts';
import { decodeText } from '../../../formats/text/encoding.ts';
import type { LoggedValues, ReadValues, Resume } from '../types.ts';
import { addProblem, blank, blankValues, collector, isObject, type Collector } from './collector.ts';

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
): ReadValues {
  const before = resume ?? { offset: 0, state: {} };
  const into = collector();
  if (source.size > maxBytes) {
    addProblem(into.values, `it has ${source.size} bytes, more than the ${maxBytes} that are read`);
    return { values: into.values, resume: before };
  }
  try {
    parse(source, into);
  } catch (error) {
    const values = blankValues();
    addProblem(values, `it cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}`);
    return { values, resume: before };
  }
  const resumeAt = { offset: source.size, state: dropGiven(into.values, before.state) };
  return { values: into.values, resume: resumeAt, anew: into.anew };
}

/** As `readAnew`, of a file that is text. */
export function readWhole(
  source: Source,
  maxBytes: number,
  resume: Resume | undefined,
  parse: (text: string, into: Collector) => void,
): ReadValues {
  return readAnew(source, maxBytes, resume, (all, into) => {
    const { text, problem } = decodeText(all.read(0, all.size));
    if (problem !== undefined) addProblem(into.values, problem);
    parse(text, into);
  });
}

/** Takes points away that were given before and returns how many of each series have been given now. */
function dropGiven(values: LoggedValues, state: Json): Json {
  const counts = blank<Json>();
  const given = isObject(state) ? state : {};
  for (const [name, points] of Object.entries(values.series)) {
    counts[name] = points.length;
    const count = Object.hasOwn(given, name) ? given[name] : 0;
    if (typeof count !== 'number' || count > points.length) continue;
    if (count === points.length) delete values.series[name];
    else values.series[name] = points.slice(count);
  }
  return counts;
}
