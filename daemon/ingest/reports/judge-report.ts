import { basename, extname } from 'node:path';
import type { LogState } from '../../db/log-writes.ts';
import type { RunReport } from '../../protocol/lineage.ts';
import { observeLog, type FactParts, type SaveAtHand } from '../register/evidence-facts.ts';
import { decideEvidence, type Decision, type ObservedLog } from '../register/evidence-rule.ts';
import { noValues, valuesOf } from '../run-logs/series.ts';
import { notedWriter, writerOf } from '../register/known-writer.ts';
import type { LocatedReport } from './locate-reports.ts';

/** A decision on a report, and whether the process that saved the model wrote it. */
export interface JudgedReport {
  decision: Decision;
  isByWriter: boolean;
  /** True while the process that wrote it may write it again. */
  isWriterAtWork: boolean;
}

/**
 * Judges whether a state of a report belongs to a save, by the rules for run logs. If several models lie in the folder, the
 * report's name decides which one it is of. A file that neither its place nor its name marks as a report counts only if a process
 * that worked with the model wrote it.
 */
export async function judgeReport(
  parts: FactParts,
  save: SaveAtHand,
  report: LocatedReport,
  state: LogState,
  before: RunReport | undefined,
): Promise<JudgedReport> {
  const log = { path: report.path, reader: 'report', values: valuesOf(noValues(), false) };
  const wrote = notedWriter(parts, state) ?? (await writerOf(parts, report.path, save.files.root, state.writtenAt));
  const seen = await observeLog(parts, save, log, state, '', wrote);
  const recordedAt = typeof before?.digest === 'string' ? before.writtenAt : null;
  const observed: ObservedLog = { ...seen, isOfRun: false, recordedAt, keys: modelsNamed(report, save, seen) };
  const decision = decideEvidence(save.observed, observed);
  const { writer } = save.observed;
  const isByWriter = writer.kind === 'execution' && seen.writer.kind === 'execution' && writer.id === seen.writer.id;
  const isByPlace = decision.rule === 'by-place' || decision.rule === 'beside';
  return {
    decision: isByPlace && !report.isPlain ? unmarked : decision,
    isByWriter,
    isWriterAtWork: seen.isWriterAtWork,
  };
}

const unmarked: Decision = { rule: 'not-used', reason: 'nothing shows that it is a report', isOfAnother: true };

/** Returns the stems of the models in the folder that a report's name contains: `rf` for `roc_rf.png`. */
function modelsNamed({ path }: LocatedReport, { observed }: SaveAtHand, { neighbours }: ObservedLog): string[] {
  const words = wordsOf(basename(path, extname(path)));
  const stems = [observed.stem, ...neighbours.map(({ stem }) => stem)];
  return stems.filter((stem) => stem !== '' && words.includes(wordsOf(stem)));
}

/** Returns the words of a name between blanks: ` roc rf `. */
function wordsOf(name: string): string {
  return ` ${name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ')
    .trim()} `;
}
