import { expect, test } from 'vitest';
import {
  decideEvidence,
  type KnownWriter,
  type ObservedLog,
  type ObservedSave,
} from '../../../daemon/ingest/register/evidence-rule.ts';

/** Converts seconds after the start of the training to a time. */
const at = (seconds: number): number => 1_700_000_000_000 + seconds * 1000;

function process(id: string, isKernel = false): KnownWriter {
  return { kind: 'execution', id, isKernel, command: `python ${id}.py`, script: `/p/${id}.py`, startedAt: at(0) };
}

const train = process('train');
const ended: KnownWriter = { kind: 'ended' };
const unknown: KnownWriter = { kind: 'unknown', reason: 'processes cannot be seen on this system' };
const git: KnownWriter = { kind: 'mover', program: 'git' };

/** A model that `train` saved at second 60. */
function save(wanted: Partial<ObservedSave> = {}): ObservedSave {
  return {
    writtenAt: at(60),
    writer: train,
    stem: 'churn',
    isGeneric: false,
    isTransformer: false,
    previousOfWriter: null,
    previousAtPath: null,
    nextAtPath: null,
    oldestOfRun: null,
    ...wanted,
  };
}

/** A metrics.json beside it that `train` wrote at second 61. */
function log(wanted: Partial<ObservedLog> = {}): ObservedLog {
  return {
    writtenAt: at(61),
    writer: train,
    isByResumed: false,
    place: 'folder',
    usedBy: null,
    isOfRun: false,
    isInput: false,
    isHeldFromBefore: false,
    recordedAt: null,
    canHaveRead: false,
    isOnlySave: false,
    isWriterAtWork: false,
    savedByWriterAfter: null,
    laterSave: null,
    keys: [],
    neighbours: [],
    ...wanted,
  };
}

const used = { label: 'churn@1', isOfSameRun: false };
const evaluation = process('evaluate');

type Row = [what: string, save: Partial<ObservedSave>, log: Partial<ObservedLog>, rule: string, reason?: RegExp];

const rows: Row[] = [
  // Rule 1
  ['what its process wrote after the save', {}, {}, 'same-run', /afterwards/],
  ['what its process wrote before the save', {}, { writtenAt: at(50) }, 'same-run', /before/],
  [
    'what its process wrote before it saved another model',
    { previousOfWriter: at(55) },
    { writtenAt: at(50) },
    'not-used',
  ],
  [
    'params that its process wrote before it saved another model',
    { previousOfWriter: at(55) },
    { writtenAt: at(50), isOfRun: true },
    'same-run',
  ],
  ['what its process wrote between two saves', { previousOfWriter: at(40) }, { writtenAt: at(50) }, 'same-run'],
  [
    'what its process wrote anew after the save while it goes on',
    {},
    { isHeldFromBefore: true, isWriterAtWork: true },
    'later',
  ],
  ['what its process wrote anew before it ended', {}, { isHeldFromBefore: true }, 'same-run', /ended/],
  [
    'what its process wrote anew for its next save',
    {},
    { isHeldFromBefore: true, savedByWriterAfter: 'churn@2' },
    'not-used',
    /churn@2/,
  ],
  [
    'what a notebook wrote anew after the save',
    { writer: process('kernel', true) },
    { writer: process('kernel', true), isHeldFromBefore: true },
    'not-used',
    /next/,
  ],
  [
    'what a process of its run wrote, which resumed it',
    {},
    { writer: process('resumed'), isByResumed: true },
    'same-run',
    /which was resumed, wrote it afterwards/,
  ],
  [
    'what the process that it resumed wrote before that saved another model',
    { previousOfWriter: at(55) },
    { writer: process('stopped'), isByResumed: true, writtenAt: at(50) },
    'not-used',
  ],
  ['what overwrites its process’s own words', {}, { recordedAt: at(60) }, 'same-run'],
  // Evidence of another version
  ['a state that is evidence of another version', {}, { usedBy: used }, 'not-used', /evidence of churn@1/],
  [
    'a state of an earlier training',
    { writer: ended },
    { usedBy: used, writer: ended, writtenAt: at(5) },
    'not-used',
    /written by an earlier training and is evidence of churn@1/,
  ],
  ['series of a run that made two versions', {}, { usedBy: { ...used, isOfSameRun: true }, isOfRun: true }, 'same-run'],
  ['a result of a run that made two versions', {}, { usedBy: { ...used, isOfSameRun: true } }, 'not-used'],
  ['what came after the next save of the path', { nextAtPath: at(60.5) }, {}, 'not-used', /next save/],
  // Rule 3
  ['a file of the same moment whose writers were not seen', { writer: ended }, { writer: ended }, 'beside'],
  [
    'a file older than the save of the path before',
    { writer: ended, previousAtPath: at(30) },
    { writer: ended, writtenAt: at(20) },
    'not-used',
    /before the training/,
  ],
  [
    'a file younger than the save of the path before',
    { writer: ended, previousAtPath: at(30) },
    { writer: ended, writtenAt: at(40) },
    'beside',
  ],
  [
    'a file older than all of its run’s folder',
    { writer: ended, oldestOfRun: at(30) },
    { writer: ended, writtenAt: at(20), place: 'near' },
    'not-used',
  ],
  ['a file older than its process', {}, { writer: ended, writtenAt: at(-100) }, 'not-used', /before the training/],
  ['a file that bears its stem and that another process wrote', {}, { writer: evaluation, place: 'own' }, 'beside'],
  [
    'a file that had other content of it before',
    { writer: ended },
    { writer: ended, writtenAt: at(90), recordedAt: at(60) },
    'not-used',
    /had other content/,
  ],
  [
    'the second word of the same moment',
    { writer: ended },
    { writer: ended, writtenAt: at(62), recordedAt: at(61) },
    'beside',
  ],
  // What a person gave the training
  ['params that stood before the process began', {}, { writer: ended, writtenAt: at(-9000), isInput: true }, 'beside'],
  [
    'params that git brought, and that an earlier training was given too',
    {},
    { writer: git, writtenAt: at(-9000), isInput: true, usedBy: used },
    'beside',
  ],
  ['params that were changed during the training', {}, { writer: ended, writtenAt: at(30), isInput: true }, 'not-used'],
  [
    'params that were changed for the next training',
    {},
    { writer: ended, writtenAt: at(90), isInput: true, isOfRun: true },
    'not-used',
    /after the model was saved/,
  ],
  [
    'params that somebody unseen changed for the next training',
    {},
    { writer: unknown, writtenAt: at(90), isOfRun: true },
    'not-used',
    /after the model was saved/,
  ],
  [
    'params that had other content before a save whose writer was not seen',
    { writer: unknown },
    { writer: unknown, writtenAt: at(90), isOfRun: true, isHeldFromBefore: true },
    'not-used',
    /after the model was saved/,
  ],
  [
    'params that appeared after a save whose writer was not seen',
    { writer: unknown },
    { writer: unknown, writtenAt: at(90), isOfRun: true },
    'by-place',
  ],
  // Rule 4
  [
    'an evaluation that names the model',
    {},
    { writer: evaluation, writtenAt: at(90), canHaveRead: true },
    'evaluated',
    /evaluate\.py/,
  ],
  ['an evaluation of the only model', {}, { writer: evaluation, writtenAt: at(90), isOnlySave: true }, 'evaluated'],
  [
    'params that another process wrote after the save, although it can have read the model',
    {},
    { writer: evaluation, writtenAt: at(90), canHaveRead: true, isOnlySave: true, isOfRun: true },
    'not-used',
    /after the model was saved/,
  ],
  [
    'an evaluation of one of several models',
    {},
    { writer: evaluation, writtenAt: at(90) },
    'not-used',
    /is not known which model/,
  ],
  [
    'an evaluation that is still at work',
    {},
    { writer: evaluation, writtenAt: at(90), isWriterAtWork: true, canHaveRead: true },
    'later',
  ],
  [
    'what another training wrote before it saved its own model',
    {},
    { writer: process('other'), writtenAt: at(90), isOnlySave: true, savedByWriterAfter: 'churn@2' },
    'not-used',
    /churn@2/,
  ],
  [
    'what another process wrote before the save',
    {},
    { writer: process('other'), writtenAt: at(50), canHaveRead: true },
    'not-used',
    /before the model was saved/,
  ],
  // Rule 5
  ['files of which no writer can be seen', { writer: unknown }, { writer: unknown }, 'by-place'],
  [
    'an old file where no writer can be seen',
    { writer: unknown, previousAtPath: at(30) },
    { writer: unknown, writtenAt: at(20) },
    'by-place',
  ],
  [
    'an unseen state that is evidence of another version',
    { writer: unknown },
    { writer: unknown, usedBy: used },
    'not-used',
  ],
  ['what a seen process wrote after a save that was not seen', { writer: unknown }, { writer: evaluation }, 'by-place'],
  [
    'what a seen process wrote after a save that was not seen, and before its own',
    { writer: unknown },
    { writer: evaluation, savedByWriterAfter: 'churn@2' },
    'not-used',
  ],
  ['what git brought with the model', { writer: git }, { writer: git }, 'by-place', /git/],
  ['what git brought beside a model that was trained here', {}, { writer: git }, 'not-used', /git/],
  ['a file that two processes may have written', {}, { writer: unknown }, 'by-place'],
  // Several models, one file
  ['metrics beside a scaler', { isTransformer: true }, {}, 'not-used', /prepares data/],
  [
    'a file whose keys name another model',
    {},
    { keys: ['forest'], neighbours: [{ stem: 'forest', isGeneric: false }] },
    'not-used',
    /describes forest/,
  ],
  [
    'a file of several models without their names',
    {},
    { neighbours: [{ stem: 'forest', isGeneric: false }] },
    'not-used',
    /to this model or to forest/,
  ],
  [
    'a file of several models, one of which is called model',
    { stem: 'model', isGeneric: true },
    { neighbours: [{ stem: 'forest', isGeneric: false }] },
    'same-run',
  ],
  ['what was written after a model beside it was saved', {}, { laterSave: 'forest.pkl' }, 'not-used', /forest\.pkl/],
];

test.each(rows)('%s', (_, ofSave, ofLog, rule, reason = /./) => {
  const decision = decideEvidence(save(ofSave), log(ofLog));
  expect(decision.rule).toBe(rule);
  expect(decision.reason).toMatch(reason);
});

test('of a file that groups metrics by model only the model’s own are taken', () => {
  const neighbours = [{ stem: 'forest', isGeneric: false }];
  expect(decideEvidence(save(), log({ keys: ['forest', 'churn'], neighbours }))).toMatchObject({
    rule: 'same-run',
    key: 'churn',
  });
});

test('a decision depends on nothing but times apart: later clocks decide the same', () => {
  for (const [, ofSave, ofLog, rule] of rows) {
    const late = (value: number | null): number | null => (value === null ? null : value + 1e9);
    const lateWriter = (writer: KnownWriter): KnownWriter =>
      writer.kind === 'execution' ? { ...writer, startedAt: late(writer.startedAt) } : writer;
    const [one, two] = [save(ofSave), log(ofLog)];
    const decision = decideEvidence(
      {
        ...one,
        writer: lateWriter(one.writer),
        writtenAt: one.writtenAt + 1e9,
        previousOfWriter: late(one.previousOfWriter),
        previousAtPath: late(one.previousAtPath),
        nextAtPath: late(one.nextAtPath),
        oldestOfRun: late(one.oldestOfRun),
      },
      { ...two, writer: lateWriter(two.writer), writtenAt: two.writtenAt + 1e9, recordedAt: late(two.recordedAt) },
    );
    expect(decision.rule).toBe(rule);
  }
});
