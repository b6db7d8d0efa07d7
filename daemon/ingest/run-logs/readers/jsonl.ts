import { parseJson } from '../../../formats/text/json.ts';
import type { Json } from '../../../protocol/json.ts';
import type { RunLogReader } from '../types.ts';
import { addProblem, collector, enoughPoints, isObject, type Collector } from './collector.ts';
import { collectRecord } from './flatten.ts';
import { completeLines, goesOn } from './line-reader.ts';

/** Names of logs only: `train.jsonl` and the like are data. */
const fileNames = /^((.*[_.-])?(metrics?|scores|logs?|history|results?|progress|loss(es)?)\.(jsonl|ndjson))$/;

/** Logs of one JSON object a line, read on from where the last call ended. */
export const jsonl: RunLogReader = {
  name: 'jsonl',
  canRead: (fileName) => fileNames.test(fileName),
  marksRun: false,
  read(_fileName, source, resume) {
    const into = collector();
    const from = goesOn(source, resume) ? resume : { offset: 0, state: null };
    let { offset } = from;
    let line = lineOf(from.state);
    for (const { text, end } of completeLines(source, offset)) {
      if (text === '') addProblem(into.values, `line ${++line} is too long; skipped`);
      else line = collectLines(into, text, line);
      offset = end;
      if (into.points >= enoughPoints) break;
    }
    return { values: into.values, resume: { offset, state: { line } } };
  },
};

function lineOf(state: Json): number {
  return isObject(state) && typeof state['line'] === 'number' ? state['line'] : 0;
}

function collectLines(into: Collector, text: string, before: number): number {
  let line = before;
  for (const raw of text.slice(0, -1).split('\n')) {
    line++;
    if (raw.trim() !== '') collectLine(into, raw, line);
  }
  return line;
}

function collectLine(into: Collector, raw: string, line: number): void {
  try {
    const record = parseJson(raw);
    if (isObject(record)) collectRecord(into, '', record, null);
    else addProblem(into.values, `line ${line} is not an object; skipped`);
  } catch {
    addProblem(into.values, `line ${line} is not JSON; skipped`);
  }
}
