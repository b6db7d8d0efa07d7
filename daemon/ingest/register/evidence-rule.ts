import type { EvidenceRule } from '../../protocol/evidence.ts';

/** Who wrote a file, with what is kept of a process. */
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

/** A save that is, or becomes, a version. */
export interface ObservedSave {
  writtenAt: number;
  writer: KnownWriter;
  /** Its file's name without endings; empty where it is a folder. */
  stem: string;
  /** Its name says what it is for, not which model it is: `model`, `best`. */
  isGeneric: boolean;
  /** It prepares data for a model and is none: a scaler, an encoder. */
  isTransformer: boolean;
  /** When the same process last saved another version beside it; null where it did not. */
  previousOfWriter: number | null;
  /** When the path was saved before, and after. */
  previousAtPath: number | null;
  nextAtPath: number | null;
  /** When the oldest file of its run's folder was written; null outside a run. */
  oldestOfRun: number | null;
}

/** `own`: it bears the artifact's stem, or lies in the folder that is the artifact. `near`: above a folder such as `models`. */
export type LogPlace = 'own' | 'run' | 'folder' | 'near';

/** One state of a run log near a save. */
export interface ObservedLog {
  writtenAt: number;
  writer: KnownWriter;
  place: LogPlace;
  /** The version that has this very state as evidence, or these bytes where a program put them back. */
  usedBy: { label: string; isOfSameRun: boolean } | null;
  /** It speaks of a whole run, not of one result: params, or series. */
  isOfRun: boolean;
  /** A person wrote it, where the code lies, for trainings to read: `params.yaml`. */
  isInput: boolean;
  /** The version has an earlier state of it, which was written before its save. */
  isHeldFromBefore: boolean;
  /** When the state was written of which counting evidence was recorded since the save; null for none. */
  recordedAt: number | null;
  /** Its writer can have read the model: it names it, had it open, or dvc.yaml says so. */
  canHaveRead: boolean;
  /** The save is the only one of its project since the file was written before. */
  isOnlySave: boolean;
  /** The process that wrote it may still save the model that it is of. */
  isWriterAtWork: boolean;
  /** What the process that wrote it saved afterwards. */
  savedByWriterAfter: string | null;
  /** Another model beside the save that was saved after it and before the file was written anew. */
  laterSave: string | null;
  /** Names under which it groups its metrics. */
  keys: readonly string[];
  /** Other models beside the save that it may be of as well. */
  neighbours: readonly { stem: string; isGeneric: boolean }[];
}

/** Whether a run log is evidence of a save. `later`: its process may go on to save the model that it is of. */
export interface Decision {
  rule: EvidenceRule | 'later';
  /** One sentence. */
  reason: string;
  /** Only what stands below this key is of the save. */
  key?: string;
  /** It is known to be of another save. */
  isOfAnother?: true;
}

/** What the start of a process and the time of a file may be apart. */
const slackMs = 1000;
/** A process that nobody saw lived for no longer than this. */
const momentMs = 5000;

/** Tells whether, and why, a run log is evidence of a save. Pure. */
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

/** What rules it out whoever wrote it. */
function refusal(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (save.isTransformer && log.place !== 'own')
    return notUsed('it tells of a model, and this artifact only prepares data for one');
  if (log.usedBy && !((log.isOfRun || isKeyed(save, log)) && log.usedBy.isOfSameRun)) {
    const isEarlier = log.writtenAt < save.writtenAt && !isSameProcess(save.writer, log.writer);
    return ofAnother(
      `it ${isEarlier ? 'was written by an earlier training and ' : ''}is evidence of ${log.usedBy.label}`,
    );
  }
  if (save.nextAtPath !== null && log.writtenAt > save.nextAtPath)
    return ofAnother('it was written after the next save of the same path');
  return undefined;
}

/** Where several models lie beside one file, its keys say whose it is; else it is of the one with a generic name. */
function refusalAmongNeighbours(save: ObservedSave, log: ObservedLog): Decision | undefined {
  const isEvaluation = log.canHaveRead && log.writtenAt > save.writtenAt && !isSameProcess(save.writer, log.writer);
  if (isKeyed(save, log) || isEvaluation) return undefined;
  if (log.laterSave !== null) return ofAnother(`it was written after ${log.laterSave} was saved`);
  if (log.neighbours.length === 0 || log.isOfRun) return undefined;
  const named = log.neighbours.filter(({ stem }) => log.keys.includes(stem));
  if (named.length > 0) return ofAnother(`it tells of ${listed(named)}`);
  const isOnlyGeneric = save.isGeneric && !log.neighbours.some(({ isGeneric }) => isGeneric);
  if (isOnlyGeneric) return undefined;
  return notUsed(`it cannot be told whether it is of this model or of ${listed(log.neighbours)}`);
}

function isKeyed(save: ObservedSave, log: ObservedLog): boolean {
  return save.stem !== '' && log.keys.includes(save.stem) && log.place !== 'own';
}

function listed(models: readonly { stem: string }[]): string {
  const names = models.slice(0, 3).map(({ stem }) => stem);
  return [...names, ...(models.length > 3 ? [`${models.length - 3} more`] : [])].join(', ');
}

function isSameProcess(a: KnownWriter, b: KnownWriter): boolean {
  return a.kind === 'execution' && b.kind === 'execution' && a.id === b.id;
}

/** Rule 1. What a process wrote before a save is of that save; what it wrote after is of it unless it had written it before. */
function bySameRun(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (log.writer.kind !== 'execution' || !isSameProcess(save.writer, log.writer)) return undefined;
  const same = (when: string): Decision => ({
    rule: 'same-run',
    reason: `the process that saved the model wrote it ${when}`,
  });
  if (log.writtenAt <= save.writtenAt) {
    const isOfEarlier = save.previousOfWriter !== null && log.writtenAt <= save.previousOfWriter;
    return isOfEarlier && !log.isOfRun
      ? ofAnother('its process saved another model after it was written')
      : same('before');
  }
  if (!log.isHeldFromBefore) return same('afterwards');
  if (log.savedByWriterAfter !== null)
    return ofAnother(`its process then saved ${log.savedByWriterAfter}, which it is of`);
  if (log.isWriterAtWork) return { rule: 'later', reason: 'its process goes on, and may save the model that it is of' };
  return log.writer.isKernel
    ? notUsed('it was written anew after the save, for the next one')
    : same('before it ended');
}

/** What a training was given stands before it begins, and may be given to the next one as well. */
function byInput(save: ObservedSave, log: ObservedLog): Decision | undefined {
  if (save.isTransformer || isWriterUnseen(save)) return undefined;
  if (log.writtenAt > save.writtenAt)
    return log.writtenAt - save.writtenAt > momentMs
      ? ofAnother('it was changed after the model was saved')
      : undefined;
  const began = save.writer.kind === 'execution' ? save.writer.startedAt : null;
  if (began !== null && log.writtenAt > began + momentMs) return notUsed('it was changed while the model was trained');
  return { rule: 'beside', reason: `it ${wheres[log.place]} and stood so when the training began` };
}

const wheres: Readonly<Record<LogPlace, string>> = {
  own: 'bears the name of the artifact or lies in its folder',
  run: 'lies in the folder of its run',
  folder: 'lies beside the artifact',
  near: 'lies near the artifact',
};

/** Rules 3 and 5: it lies beside the artifact and is of its time, or no writer was seen at all. */
function byTimeAndPlace(save: ObservedSave, log: ObservedLog): Decision | undefined {
  const isSaveSeen = save.writer.kind === 'execution';
  if (log.writer.kind === 'mover') {
    const { program } = log.writer;
    if (isSaveSeen && log.place !== 'own') return notUsed(`${program} put it there, and the model was trained here`);
    return notTwice(save, log, { rule: 'by-place', reason: `it ${wheres[log.place]}, where ${program} put it` });
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
  const byPlace: Decision = { rule: 'by-place', reason: `it ${wheres[log.place]}, and it was not seen who wrote them` };
  return notTwice(save, log, isUnseen || log.writer.kind === 'unknown' ? byPlace : beside);
}

/** What has spoken of a save is not overwritten by what merely lies there, but for the last word of the same moment. */
function notTwice(save: ObservedSave, log: ObservedLog, decision: Decision): Decision {
  if (log.recordedAt === null || log.recordedAt === log.writtenAt) return decision;
  if (log.writer.kind === 'ended' && Math.abs(log.writtenAt - save.writtenAt) < momentMs) return decision;
  return notUsed('it said something else of this version before, and it was not seen who wrote it anew');
}

function isWriterUnseen({ writer }: ObservedSave): boolean {
  return writer.kind === 'unknown' || writer.kind === 'mover';
}

function trainingBegan({ writer, previousOfWriter, previousAtPath, oldestOfRun }: ObservedSave): number {
  if (writer.kind === 'execution') return Math.max((writer.startedAt ?? 0) - slackMs, previousOfWriter ?? 0);
  return previousAtPath ?? oldestOfRun ?? 0;
}

/** Rule 4: another process wrote it after the save, and can have read the model. */
function byReading(save: ObservedSave, log: ObservedLog): Decision {
  const command = log.writer.kind === 'execution' ? ` (${log.writer.command.slice(0, 80)})` : '';
  const by = `another process${command} wrote it`;
  if (log.writtenAt < save.writtenAt) return notUsed(`${by} before the model was saved`);
  if (log.savedByWriterAfter !== null) return ofAnother(`${by} and then saved ${log.savedByWriterAfter}`);
  if (log.isWriterAtWork) return { rule: 'later', reason: `${by} and goes on: it may save the model that it is of` };
  if (log.canHaveRead) return { rule: 'evaluated', reason: `${by} after the save, and can have read the model` };
  if (log.isOnlySave)
    return { rule: 'evaluated', reason: `${by} after the save, and no other model was saved meanwhile` };
  if (isWriterUnseen(save))
    return notTwice(save, log, {
      rule: 'by-place',
      reason: `it ${wheres[log.place]}, and it was not seen who saved that`,
    });
  return notUsed(`${by} after the save, and it cannot be told which model it measured`);
}
