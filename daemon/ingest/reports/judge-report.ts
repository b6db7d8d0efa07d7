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
  /** The process that wrote it may write it again. */
  isWriterAtWork: boolean;
}

/**
 * Whether a state of a report is of a save, by the rules of run logs. Whose picture it is where several models lie together, its name
 * says. What neither place nor name marks as a report is one only where a process that had to do with the model wrote it.
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

const unmarked: Decision = { rule: 'not-used', reason: 'nothing says that it is a report', isOfAnother: true };

/** Of the models beside it those that its name names, as `roc_rf.png` names `rf`. */
function modelsNamed({ path }: LocatedReport, { observed }: SaveAtHand, { neighbours }: ObservedLog): string[] {
  const words = wordsOf(basename(path, extname(path)));
  const stems = [observed.stem, ...neighbours.map(({ stem }) => stem)];
  return stems.filter((stem) => stem !== '' && words.includes(wordsOf(stem)));
}

/** ` roc rf `: the words of a name between blanks. */
function wordsOf(name: string): string {
  return ` ${name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ')
    .trim()} `;
}
