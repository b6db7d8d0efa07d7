import type { EvidenceRule } from '../../protocol/evidence.ts';

/** Writer of a file, in the form that is stored. */
export type KnownWriter =
  | {
      kind: 'execution';
      id: string;
      isKernel: boolean;
      command: string;
      script: string | null;
      startedAt: number | null;
    }
  | { kind: 'mover'; program: string }
  | { kind: 'ended' }
  | { kind: 'unknown'; reason: string; isOneOfSeveral?: true };

/** Facts about a save that is, or becomes, a version. */
export interface ObservedSave {
  writtenAt: number;
  writer: KnownWriter;
  /** File name without endings; empty for a folder. */
  stem: string;
  /** True if the name says what the file is for, not which model it is: `model`, `best`. */
  isGeneric: boolean;
  /** True for an object that prepares a model's data, such as a scaler or an encoder. */
  isTransformer: boolean;
  /** Time of the same process's previous save in this folder that is another version; null for none. */
  previousOfWriter: number | null;
  /** Times of the previous and the next save of the same path; null for none. */
  previousAtPath: number | null;
  nextAtPath: number | null;
  /** Time of the oldest file in the run's folder; null outside a run. */
  oldestOfRun: number | null;
}

/**
 * Place of a log relative to a save. `own`: named after the artifact or inside its folder. `run`: in the run's folder. `folder`:
 * in the artifact's folder. `near`: above a folder such as `models`.
 */
export type LogPlace = 'own' | 'run' | 'folder' | 'near';

/** Facts about one state of a run log near a save. */
export interface ObservedLog {
  writtenAt: number;
  writer: KnownWriter;
  /** Another process of the run of the save wrote it: one of them resumed the other. */
  isByResumed: boolean;
  place: LogPlace;
  /** Version that has this state as evidence already, or the same bytes if a program such as git put them back. */
  usedBy: { label: string; isOfSameRun: boolean } | null;
  /** True if it describes a whole run (params or series), not one result. */
  isOfRun: boolean;
  /** True for a file such as `params.yaml` that a person keeps with the code as input of trainings. */
  isInput: boolean;
  /** True if the version has an earlier state of the log that was written before the save. */
  isHeldFromBefore: boolean;
  /** Time of the state whose evidence was recorded since the save; null for none. */
  recordedAt: number | null;
  /** True if its writer may have read the model: it names the model, had it open, or dvc.yaml says so. */
  canHaveRead: boolean;
  /** True if the save is the project's only one since the log was written before. */
  isOnlySave: boolean;
  /** True while the process that wrote it may still save the model that the log describes. */
  isWriterAtWork: boolean;
  /** Label of the version that its process saved afterwards; null for none. */
  savedByWriterAfter: string | null;
  /** File name of another model that was saved after this one and before the log was written; null for none. */
  laterSave: string | null;
  /** Groups of its metrics: `rf` for `rf/auc`. */
  keys: readonly string[];
  /** Other models that it may describe. */
  neighbours: readonly { stem: string; isGeneric: boolean }[];
}

/** A decision whether a run log is evidence of a save. `later`: its process may still save the model that it describes. */
export interface Decision {
  rule: EvidenceRule | 'later';
  /** One sentence. */
  reason: string;
  /** Only the metrics of this group are evidence of the save. */
  key?: string;
  /** True if the log belongs to another save. */
  isOfAnother?: true;
}

/** Tolerance between a process's start time and a file's time. */
const slackMs = 1000;
/** Longest life of a process that was never seen. */
const momentMs = 5000;

/** Decides whether a run log is evidence of a save, and by which rule. Pure. */
export function decideEvidence(save: ObservedSave, log: ObservedLog): Decision {
  const given = log.isInput ? byInput(save, log) : undefined;
  if (given) return given;
  const refused = refusal(save, log) ?? (log.place === 'own' ? undefined : refusalAmongNeighbours(save, log));
  if (refused) return refused;
  const decision = bySameRun(save, log) ?? byTimeAndPlace(save, log) ?? byReading(save, log);
  return isKeyed(save, log) ? { ...decision, key: save.stem } : decision;
}

function notUsed(reason: string): Decision {
  return { rule: 'not-used', reason };
}

function ofAnother(reason: string): Decision {
  return { rule: 'not-used', reason, isOfAnother: true };
}

/** Returns the refusal that holds whoever wrote the log; undefined for none. */
function refusal(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (save.isTransformer && log.place !== 'own')
    return notUsed('it describes a model, and this artifact only prepares data for one');
  if (log.usedBy && !((log.isOfRun || isKeyed(save, log)) && log.usedBy.isOfSameRun)) {
    const isEarlier = log.writtenAt < save.writtenAt && !isSameRun(save, log);
    return ofAnother(
      `it ${isEarlier ? 'was written by an earlier training and ' : ''}is evidence of ${log.usedBy.label}`,
    );
  }
  if (save.nextAtPath !== null && log.writtenAt > save.nextAtPath)
    return ofAnother('it was written after the next save of the same path');
  if (isOfLaterRun(save, log))
    return ofAnother('it was changed after the model was saved, and has no metrics of its own');
  return undefined;
}

/**
 * True for params and series that came after the save and not from its run: reading a model gives metrics, training the next one
 * changes params. Within a moment a process that was never seen may have written both. Where nobody saw who saved the model, this
 * holds only if the version has an earlier state.
 */
function isOfLaterRun(save: ObservedSave, log: ObservedLog): boolean {
  if (!log.isOfRun || log.place === 'own' || isSameRun(save, log)) return false;
  const isLater = log.writtenAt - save.writtenAt > (log.writer.kind === 'execution' ? 0 : momentMs);
  return isLater && (!isWriterUnseen(save) || log.isHeldFromBefore);
}

/**
 * Refuses a log that may describe another model of the folder. A log with groups belongs to the models that they name, a log
 * without to the only model with a generic name. Undefined if it is not refused.
 */
function refusalAmongNeighbours(save: ObservedSave, log: ObservedLog): Decision | undefined {
  const isEvaluation = log.canHaveRead && log.writtenAt > save.writtenAt && !isSameRun(save, log);
  if (isKeyed(save, log) || isEvaluation) return undefined;
  if (log.laterSave !== null) return ofAnother(`it was written after ${log.laterSave} was saved`);
  if (log.neighbours.length === 0 || log.isOfRun) return undefined;
  const named = log.neighbours.filter(({ stem }) => log.keys.includes(stem));
  if (named.length > 0) return ofAnother(`it describes ${listed(named)}`);
  const isOnlyGeneric = save.isGeneric && !log.neighbours.some(({ isGeneric }) => isGeneric);
  if (isOnlyGeneric) return undefined;
  return notUsed(`it is not known whether it belongs to this model or to ${listed(log.neighbours)}`);
}

function isKeyed(save: ObservedSave, log: ObservedLog): boolean {
  return save.stem !== '' && log.keys.includes(save.stem) && log.place !== 'own';
}

function listed(models: readonly { stem: string }[]): string {
  const names = models.slice(0, 3).map(({ stem }) => stem);
  return [...names, ...(models.length > 3 ? [`${models.length - 3} more`] : [])].join(', ');
}

function isSameRun({ writer: saver }: ObservedSave, { writer, isByResumed }: ObservedLog): boolean {
  return isByResumed || (saver.kind === 'execution' && writer.kind === 'execution' && saver.id === writer.id);
}

/**
 * Rule 1: a log that the saving process wrote before the save is of it. One written afterwards is of it unless the process had
 * written the log before the save, too.
 */
function bySameRun(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (log.writer.kind !== 'execution' || !isSameRun(save, log)) return undefined;
  const who = log.isByResumed ? 'a process of the same run, which was resumed,' : 'the process that saved the model';
  const same = (when: string): Decision => ({ rule: 'same-run', reason: `${who} wrote it ${when}` });
  if (log.writtenAt <= save.writtenAt) {
    const isOfEarlier = save.previousOfWriter !== null && log.writtenAt <= save.previousOfWriter;
    return isOfEarlier && !log.isOfRun
      ? ofAnother('its process saved another model after it was written')
      : same('before');
  }
  if (!log.isHeldFromBefore) return same('afterwards');
  if (log.savedByWriterAfter !== null)
    return ofAnother(`its process then saved ${log.savedByWriterAfter}, which it belongs to`);
  if (log.isWriterAtWork)
    return { rule: 'later', reason: 'its process is still running and may save the model that it belongs to' };
  return log.writer.isKernel
    ? notUsed('it was written again after the save, for the next one')
    : same('before it ended');
}

/**
 * Decides about an input of the training, such as `params.yaml`: it must be older than the training, and may be evidence of
 * several. Undefined if its time decides nothing.
 */
function byInput(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (save.isTransformer || isWriterUnseen(save)) return undefined;
  if (log.writtenAt > save.writtenAt) return undefined;
  const began = save.writer.kind === 'execution' ? save.writer.startedAt : null;
  if (began !== null && log.writtenAt > began + momentMs) return notUsed('it was changed while the model was trained');
  return { rule: 'beside', reason: `it ${wheres[log.place]} and had this content when the training began` };
}

const wheres: Readonly<Record<LogPlace, string>> = {
  own: 'has the name of the artifact or is in its folder',
  run: 'is in the folder of its run',
  folder: 'is beside the artifact',
  near: 'is near the artifact',
};

/** Rules 3 and 5: the log lies near the artifact and was written after the training began, or its writer or the artifact's was not seen. */
function byTimeAndPlace(save: ObservedSave, log: ObservedLog): Decision | undefined {
  const isSaveSeen = save.writer.kind === 'execution';
  if (log.writer.kind === 'mover') {
    const { program } = log.writer;
    if (isSaveSeen && log.place !== 'own') return notUsed(`${program} put it there, and the model was trained here`);
    return refuseIfRecorded(save, log, {
      rule: 'by-place',
      reason: `it ${wheres[log.place]}, where ${program} put it`,
    });
  }
  const isUnseen = isWriterUnseen(save);
  const isAfter = log.writtenAt > save.writtenAt;
  if (log.writer.kind === 'execution' && log.place !== 'own' && (isAfter || !isUnseen)) return undefined;
  const isOfItsTime = log.writtenAt >= trainingBegan(save);
  if (!isOfItsTime && !isUnseen) return notUsed('it was written before the training of this model began');
  const beside: Decision = {
    rule: 'beside',
    reason: `it ${wheres[log.place]} and was written after its training began`,
  };
  const byPlace: Decision = {
    rule: 'by-place',
    reason: `it ${wheres[log.place]}, and Plinth did not see who wrote them`,
  };
  return refuseIfRecorded(save, log, isUnseen || log.writer.kind === 'unknown' ? byPlace : beside);
}

/**
 * Refuses a log whose only link is its place or time if other evidence was recorded from it before. Exception: a process that was
 * never seen wrote both within a moment.
 */
function refuseIfRecorded(save: ObservedSave, log: ObservedLog, decision: Decision): Decision {
  if (log.recordedAt === null || log.recordedAt === log.writtenAt) return decision;
  if (log.writer.kind === 'ended' && Math.abs(log.writtenAt - save.writtenAt) < momentMs) return decision;
  return notUsed('it had other content for this version before, and Plinth did not see who wrote it again');
}

function isWriterUnseen({ writer }: ObservedSave): boolean {
  return writer.kind === 'unknown' || writer.kind === 'mover';
}

function trainingBegan({ writer, previousOfWriter, previousAtPath, oldestOfRun }: ObservedSave): number {
  if (writer.kind === 'execution') return Math.max((writer.startedAt ?? 0) - slackMs, previousOfWriter ?? 0);
  return previousAtPath ?? oldestOfRun ?? 0;
}

/** Rule 4: another process wrote the log after the save and may have read the model. */
function byReading(save: ObservedSave, log: ObservedLog): Decision {
  const command = log.writer.kind === 'execution' ? ` (${log.writer.command.slice(0, 80)})` : '';
  const by = `another process${command} wrote it`;
  if (log.writtenAt < save.writtenAt) return notUsed(`${by} before the model was saved`);
  if (log.savedByWriterAfter !== null) return ofAnother(`${by} and then saved ${log.savedByWriterAfter}`);
  if (log.isWriterAtWork)
    return { rule: 'later', reason: `${by} and is still running; it may save the model that it belongs to` };
  if (log.canHaveRead) return { rule: 'evaluated', reason: `${by} after the save, and can have read the model` };
  if (log.isOnlySave)
    return { rule: 'evaluated', reason: `${by} after the save, and no other model was saved meanwhile` };
  if (isWriterUnseen(save))
    return refuseIfRecorded(save, log, {
      rule: 'by-place',
      reason: `it ${wheres[log.place]}, and Plinth did not see who saved that`,
    });
  return notUsed(`${by} after the save, and it is not known which model it measured`);
}
