import { utf8Source } from '../../formats/text/encoding.ts';
import { addProblem } from './readers/collector.ts';
import type { RunLogReader } from './types.ts';

/** The same reader of text, for files in UTF-16 as well. Offsets are those in UTF-8. */
export function inUtf8(reader: RunLogReader): RunLogReader {
  return {
    ...reader,
    read: (fileName, source, resume) => {
      const { text, problem } = utf8Source(source);
      const read = reader.read(fileName, text, resume);
      if (problem !== undefined) addProblem(read.values, problem);
      return read;
    },
  };
}
