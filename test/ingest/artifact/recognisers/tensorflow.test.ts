import { expect, test } from 'vitest';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import type { OpenFile, Recogniser, FileGroup } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { savedModel } from '../../../../daemon/ingest/artifact/recognisers/saved-model.ts';
import { tensorflowCheckpoint } from '../../../../daemon/ingest/artifact/recognisers/tensorflow-checkpoint.ts';
import { factsOf } from './inspect.ts';
import { bytesOf, folderAt, folderOf, openIn, sample } from './on-disk.ts';

const folder = sample('tensorflow/saved_model');
const checkpoints = sample('tensorflow/tf_ckpts');

function groupsIn(recogniser: Recogniser, path: string): FileGroup[] {
  return recogniser.findGroups(folderAt(path));
}

/** Opens the files of a folder, with one of them cut to so many bytes. */
function openCut(path: string, name: string, length: number): OpenFile {
  const cut = bytesOf(`${path.slice(sample('').length)}/${name}`).subarray(0, length);
  return (file) => (file === name ? sourceOf(cut) : openIn(path)(file));
}

test('a SavedModel is its folder, whole with its fingerprint', () => {
  const [group] = groupsIn(savedModel, folder) as [FileGroup];
  expect(group).toEqual({
    primary: 'saved_model.pb',
    files: ['fingerprint.pb', 'saved_model.pb', 'variables/variables.data-00000-of-00001', 'variables/variables.index'],
    wholeFolder: true,
  });
  const inspection = savedModel.inspect(group, openIn(folder));
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({
    framework: 'tensorflow',
    frameworkVersion: '2.21.0',
    format: 'tensorflow SavedModel',
    parameterCount: 81,
    signature: {
      inputs: [{ name: 'keras_tensor', dtype: 'float32', shape: ['?', 8] }],
      outputs: [{ name: 'output_0', dtype: 'float32', shape: ['?', 1] }],
    },
    metadata: { tags: ['serve'], signatures: ['serve', 'serving_default'] },
  });
});

test('a SavedModel without a fingerprint has no end mark', () => {
  const [group] = groupsIn(savedModel, folder) as [FileGroup];
  const older = { ...group, files: group.files.filter((file) => file !== 'fingerprint.pb') };
  expect(savedModel.inspect(older, openIn(folder)).state).toBe('unmarked');
});

test('a SavedModel with a cut file, or without one, is partial', () => {
  const [group] = groupsIn(savedModel, folder) as [FileGroup];
  const state = (name: string, length: number): string =>
    savedModel.inspect(group, openCut(folder, name, length)).state;
  expect(state('saved_model.pb', 33_002)).toBe('partial');
  expect(state('saved_model.pb', 0)).toBe('partial');
  expect(state('variables/variables.index', 579)).toBe('partial');
  expect(state('variables/variables.data-00000-of-00001', 1701)).toBe('partial');
  const half = { variables: ['variables.index', 'variables.data-00001-of-00002'] };
  expect(savedModel.findGroups(folderOf('m', ['saved_model.pb'], half))[0]?.missing).toMatch(/1 of 2/);
  const data = { variables: ['variables.data-00000-of-00001'] };
  expect(savedModel.findGroups(folderOf('m', ['saved_model.pb'], data))[0]?.missing).toMatch(/index is missing/);
});

test('every prefix of a checkpoint folder is an artifact', () => {
  const groups = groupsIn(tensorflowCheckpoint, checkpoints);
  expect(groups.map(({ primary, files }) => [primary, files])).toEqual([
    ['ckpt-6.index', ['ckpt-6.data-00000-of-00001', 'ckpt-6.index']],
    ['ckpt-9.index', ['ckpt-9.data-00000-of-00001', 'ckpt-9.index']],
  ]);
  for (const group of groups) {
    const inspection = tensorflowCheckpoint.inspect(group, openIn(checkpoints));
    expect(inspection.state).toBe('whole');
    expect(factsOf(inspection)).toMatchObject({ framework: 'tensorflow', parameterCount: 81, tensorsTotal: 5 });
  }
});

test('a checkpoint with a cut or missing file is partial', () => {
  const group = groupsIn(tensorflowCheckpoint, checkpoints)[1] as FileGroup;
  const state = (name: string, length: number): string =>
    tensorflowCheckpoint.inspect(group, openCut(checkpoints, name, length)).state;
  for (let length = 0; length < 408; length += 1) expect(state('ckpt-9.index', length)).toBe('partial');
  expect(state('ckpt-9.data-00000-of-00001', 805)).toBe('partial');
  const early = folderOf('c', ['m.index', 'm.data-00000-of-00002', 'm.meta']);
  expect(tensorflowCheckpoint.findGroups(early)[0]).toMatchObject({
    files: ['m.data-00000-of-00002', 'm.index', 'm.meta'],
    missing: '1 of 2 data files are missing.',
  });
});

test('an index of something else is no checkpoint', () => {
  expect(tensorflowCheckpoint.findGroups(folderOf('c', ['faiss.index', 'checkpoint']))).toEqual([]);
  expect(tensorflowCheckpoint.findGroups(folderAt(sample('tensorflow/saved_model/variables')))).toEqual([]);
  const group = groupsIn(tensorflowCheckpoint, checkpoints)[0] as FileGroup;
  const other: OpenFile = () => sourceOf(Buffer.from('x'.repeat(60)));
  expect(tensorflowCheckpoint.inspect(group, other).state).toBe('partial');
});
