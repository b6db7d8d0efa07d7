import { isObject } from '../../../protocol/json.ts';
import { parseJson } from '../../../formats/text/json.ts';
import type { RunLogReader } from '../types.ts';
import { addProblem, collector, enoughPoints, type Collector } from './collector.ts';
import { completeLines, goesOn } from './line-reader.ts';
import { applyLine, journalFrom, storedJournal, collectStudies, type Journal } from './optuna-journal.ts';

const fileNames = /^(.+[_.-])?(journal|optuna)([_.-].+)?\.log$/;

/**
 * Optuna's journal, JSON lines with an `op_code`: the best value as the metric `objective`, all completed trials as a series over
 * their numbers, and the best trial's params as `best_params`. A study is no training run, as many runs or none may lie below its
 * folder.
 */
export const optuna: RunLogReader = {
  name: 'optuna',
  canRead: (fileName) => fileNames.test(fileName),
  marksRun: false,
  read(_fileName, source, resume) {
    const into = collector();
    const from = goesOn(source, resume) ? resume : { offset: 0, state: null };
    const journal = journalFrom(from.state);
    let { offset } = from;
    for (const { text, end } of completeLines(source, offset)) {
      for (const raw of text === '' ? [''] : text.slice(0, -1).split('\n')) {
        journal.line++;
        if (text === '') addProblem(into.values, `line ${journal.line} is too long; skipped`);
        else if (raw.trim() !== '' && !applyText(into, journal, raw)) break;
      }
      offset = journal.foreign ? source.size : end;
      if (journal.foreign || into.points >= enoughPoints) break;
    }
    collectStudies(into, journal);
    return { values: into.values, resume: { offset, state: storedJournal(journal) }, anew: into.anew };
  },
};

/** Applies one line. False if the file is another program's log, because its first line is no operation. */
function applyText(into: Collector, journal: Journal, raw: string): boolean {
  const operation = operationIn(raw);
  if (operation) applyLine(into, journal, operation);
  else if (journal.line === 1) journal.foreign = true;
  else if (!journal.foreign) addProblem(into.values, `line ${journal.line} is not an operation; skipped`);
  return !journal.foreign;
}

function operationIn(raw: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(raw);
    return isObject(value) && typeof value['op_code'] === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
