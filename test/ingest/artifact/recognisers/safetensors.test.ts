import { expect, test } from 'vitest';
import { safetensors } from '../../../../daemon/ingest/artifact/recognisers/safetensors.ts';
import { expectedArtifact, factsOf } from './expected.ts';
import { folderOf } from './on-disk.ts';

test('a single file has its tensors, metadata and the metrics in it', () => {
  const artifact = expectedArtifact('pytorch', 'digits-mlp-b');
  const facts = factsOf(safetensors, 'pytorch/digits-mlp-b', 'model.safetensors');
  expect(facts).toMatchObject({
    framework: 'safetensors',
    format: 'safetensors',
    parameterCount: artifact.parameter_count,
    epoch: 49,
    metrics: { val_acc: 0.947222 },
    metadata: { format: 'pt', epoch: '49', val_acc: '0.947222' },
    pickle: null,
  });
  expect(facts.tensors.map((tensor) => tensor.name).toSorted()).toEqual(artifact.tensors);
});

test('the parts of a sentence-transformers model are left to the folder above', () => {
  expect(safetensors.findGroups(folderOf('2_Dense', ['config.json', 'model.safetensors']))).toEqual([]);
});

test('shards are one artifact, and a missing one is said', () => {
  const shards = [
    'model-00001-of-00003.safetensors',
    'model-00003-of-00003.safetensors',
    'model.safetensors.index.json',
  ];
  expect(safetensors.findGroups(folderOf('w', shards))).toEqual([
    {
      primary: 'model-00001-of-00003.safetensors',
      files: shards,
      wholeFolder: false,
      missing: '1 of 3 shards are missing.',
    },
  ]);
});

test('the weights of an adapter wait for its configuration', () => {
  const [group] = safetensors.findGroups(folderOf('lora', ['adapter_model.safetensors']));
  expect(group?.missing).toBe('adapter_config.json is missing.');
});
