import { expect, test } from 'vitest';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import { gguf } from '../../../../daemon/ingest/artifact/recognisers/gguf.ts';
import { fileOf, text, uint32, type Key } from '../../../formats/gguf-file.ts';
import { expectedArtifact } from './expected.ts';
import { groupOf, factsOf, folderOf, inspectBytes, inspectSample, statesOfCuts } from './inspect.ts';

test('a GGUF file is whole, with its architecture, params and tensors', () => {
  const inspection = inspectSample(gguf, 'gguf', 'tiny-f16.gguf');
  const expected = expectedArtifact('gguf', 'tiny-f16');
  const facts = factsOf(inspection);
  expect(inspection.state).toBe('whole');
  expect(facts).toMatchObject({ framework: 'gguf', format: 'gguf v3', modelClass: 'llama', frameworkVersion: null });
  expect({ ...facts.params, ...facts.metadata }).toEqual(expected.params);
  expect(facts.params).toHaveProperty(['llama.context_length'], 32);
  expect(facts.parameterCount).toBe(expected.parameter_count);
  expect(facts.tensors.map(({ name }) => name)).toEqual(expected.tensors);
});

test('a GGUF file that is cut is partial', () => {
  expect(statesOfCuts(gguf, 'gguf', 'tiny-f16.gguf')).toEqual(new Set(['partial']));
});

test('the parts of a split model are one artifact, missing ones are told', () => {
  const names = ['m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf'];
  const parts = gguf.findGroups(folderOf(...names, 'other.gguf', '.m-00004-of-00009.gguf'));
  expect(parts.map(({ primary, files }) => [primary, files])).toEqual([
    ['other.gguf', ['other.gguf']],
    [names[0], names],
  ]);
  expect(groupOf(gguf, ...names.slice(1)).missing).toBe('1 of 3 parts are missing.');
});

test('a split model has the keys of its first part and the tensors of all', () => {
  const architecture: Key = ['general.architecture', 8, text('qwen2')];
  const split: Key = ['split.count', 2, Buffer.from([2, 0])];
  const first = fileOf({ keys: [architecture, split, ['qwen2.block_count', 4, uint32(2)]] });
  const second = fileOf({ keys: [split], tensors: [['w', [32], 8, 0]], data: 34 });
  const group = groupOf(gguf, 'm-00001-of-00002.gguf', 'm-00002-of-00002.gguf');
  const inspection = gguf.inspect(group, (path) => sourceOf(path.startsWith('m-00001') ? first : second));
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({
    modelClass: 'qwen2',
    params: { 'qwen2.block_count': 2 },
    tensors: [{ name: 'w', shape: [32], dtype: 'q8_0', bytes: 34 }],
  });
});

test('a file of keys alone has no end mark, one of another kind is foreign', () => {
  expect(inspectBytes(gguf, 'vocab.gguf', fileOf({ keys: [['a', 4, uint32(1)]] })).state).toBe('unmarked');
  expect(inspectBytes(gguf, 'model.gguf', Buffer.from('GGML, which came before')).state).toBe('foreign');
});
