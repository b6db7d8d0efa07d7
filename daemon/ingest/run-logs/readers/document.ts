import type { Source } from '../../../formats/source.ts';
import { decodeText } from '../../../formats/text/encoding.ts';
import type { ReadValues, Resume } from '../types.ts';
import { addProblem, blankValues, collector, type Collector } from './collector.ts';

/**
 * Reads a file that is written as a whole, from its start each time. If `parse` throws, the file is reported as unreadable (it
 * may still be written), its earlier values stay, and the next call reads it again.
 */
export function readAnew(
  source: Source,
  maxBytes: number,
  resume: Resume | undefined,
  parse: (source: Source, into: Collector) => void,
): ReadValues {
  const before = resume ?? { offset: 0, state: null };
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
  return { values: into.values, resume: { offset: source.size, state: null }, anew: true };
}

/** Like `readAnew`, for a text file. */
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
