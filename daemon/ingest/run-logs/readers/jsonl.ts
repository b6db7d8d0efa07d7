import type { RunLogReader } from '../types.ts';
import { jsonLines } from '../file-names.ts';
import { collectRecord } from './flatten.ts';
import { readJsonLines } from './json-lines.ts';

/** Logs with one JSON object a line. */
export const jsonl: RunLogReader = {
  name: 'jsonl',
  canRead: (fileName) => jsonLines.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) =>
    readJsonLines(source, resume, (into, record) => collectRecord(into, '', record, null)),
};
