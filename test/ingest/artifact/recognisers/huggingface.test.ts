import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { huggingface } from '../../../../daemon/ingest/artifact/recognisers/huggingface.ts';
import type { Inspection } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { expectedArtifact, factsOf } from './expected.ts';
import { folderAt, folderOf, openIn, sample } from './on-disk.ts';

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'plinth-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(sample(folder), copy, { recursive: true });
  return copy;
}

function inspectFolder(path: string): Inspection | undefined {
  const [group] = huggingface.findGroups(folderAt(path));
  return group === undefined ? undefined : huggingface.inspect(group, openIn(path));
}

test('a fine-tuned model has its class, version, parameters and training arguments', () => {
  const artifact = expectedArtifact('transformers', 'tiny-bert-cls');
  const facts = factsOf(huggingface, 'transformers/tiny-bert-cls', 'model.safetensors');
  expect(facts).toMatchObject({
    framework: 'transformers',
    frameworkVersion: artifact.framework_version.recorded,
    modelClass: 'BertForSequenceClassification',
    parameterCount: artifact.parameter_count,
    params: {
      architectures: artifact.params['architectures'],
      model_type: 'bert',
      num_train_epochs: 3,
      learning_rate: 0.005,
      lr_scheduler_type: 'linear',
    },
    pickle: { verdict: 'known imports only' },
    problems: [],
  });
});

test('the artifact is the model and its companions, without the state and the logs of training', () => {
  const [group] = huggingface.findGroups(folderAt(sample('transformers/tiny-bert-cls/checkpoint-8')));
  expect(group).toEqual({
    primary: 'model.safetensors',
    files: ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'training_args.bin'],
    wholeFolder: true,
  });
  const [top] = huggingface.findGroups(folderAt(sample('transformers/tiny-bert-cls')));
  expect(top?.files).toContain('README.md');
  expect(top?.files).not.toContain('eval_results.json');
  expect(top?.files).not.toContain('trainer_state.json');
});

test('an adapter has its kind, base model and configuration', () => {
  const artifact = expectedArtifact('peft', 'adapter-lora');
  expect(factsOf(huggingface, 'peft/adapter-lora', 'adapter_model.safetensors')).toMatchObject({
    framework: 'peft',
    frameworkVersion: artifact.framework_version.recorded,
    format: 'peft lora',
    parameterCount: artifact.parameter_count,
    params: artifact.params,
    metadata: { baseModel: 'base-tiny-gpt2' },
  });
});

test('a base model without a tokenizer is an artifact', () => {
  const facts = factsOf(huggingface, 'peft/base-tiny-gpt2', 'model.safetensors');
  expect(facts).toMatchObject({ framework: 'transformers', modelClass: 'GPT2LMHeadModel' });
});

test('a sentence encoder takes its modules with it', () => {
  const artifact = expectedArtifact('sentence-transformers', 'tiny-encoder');
  const folder = folderAt(sample('sentence-transformers/tiny-encoder'));
  expect(huggingface.findGroups(folder)[0]?.files).toContain('1_Pooling/config.json');
  expect(factsOf(huggingface, 'sentence-transformers/tiny-encoder', 'model.safetensors')).toMatchObject({
    framework: 'sentence-transformers',
    frameworkVersion: artifact.framework_version.recorded,
    metadata: { modules: ['Transformer', 'Pooling'] },
  });
});

test('a module that is listed and not there is awaited', () => {
  const copy = copyOf('sentence-transformers/tiny-encoder');
  rmSync(join(copy, '1_Pooling'), { recursive: true });
  expect(inspectFolder(copy)).toEqual({ state: 'partial', reason: 'The module 1_Pooling is missing.' });
});

test('a folder is no artifact before its weights are there', () => {
  expect(huggingface.findGroups(folderOf('out', ['config.json', 'generation_config.json']))).toEqual([]);
});

test('a shard that the names promise is missing', () => {
  const files = ['config.json', 'model-00001-of-00002.safetensors', 'model.safetensors.index.json'];
  expect(huggingface.findGroups(folderOf('out', files))[0]?.missing).toBe('1 of 2 shards are missing.');
});

test('a cut file of the folder makes it partial, whichever it is', () => {
  for (const file of [
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
    'training_args.bin',
  ]) {
    const copy = copyOf('transformers/tiny-bert-cls/checkpoint-8');
    truncateSync(join(copy, file), 150);
    expect(inspectFolder(copy)?.state, file).toBe('partial');
    truncateSync(join(copy, file), 0);
    expect(inspectFolder(copy)?.state, file).toBe('partial');
  }
});

test('weights in torch’s format are judged by their pickle', () => {
  const copy = copyOf('peft/base-tiny-gpt2');
  rmSync(join(copy, 'model.safetensors'));
  cpSync(sample('pytorch/digits-mlp-a/model.pt'), join(copy, 'pytorch_model.bin'));
  expect(inspectFolder(copy)).toMatchObject({
    state: 'whole',
    facts: { framework: 'transformers', tensorsTotal: 4, pickle: { verdict: 'known imports only' } },
  });
});

test('a config.json of a script’s own does not make a folder, and its weights are not lost', () => {
  expect(huggingface.findGroups(folderAt(sample('pytorch/digits-mlp-a')))).toEqual([]);
  const copy = copyOf('peft/base-tiny-gpt2');
  writeFileSync(join(copy, 'config.json'), '{"lr": 0.1}');
  expect(inspectFolder(copy)).toMatchObject({ state: 'whole', facts: { framework: 'safetensors', tensorsTotal: 28 } });
});
