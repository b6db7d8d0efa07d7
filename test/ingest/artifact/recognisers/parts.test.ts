import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { VersionDetail } from '../../../../daemon/protocol/routes/versions.ts';
import { samples, until, untilIdle, startWatchingService, type TestService } from '../../../support/daemon.ts';

const made = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'made', 'torch-parts');
const digits = join(samples, 'pytorch', 'digits-mlp-a');
const checkpoint = join(digits, 'checkpoints', 'best.pt');
const weights = join(digits, 'model.safetensors');

const watchedShortly = (): Promise<TestService> => startWatchingService({ timing: { runQuietMs: 1500 } });

function save(source: string, ...target: string[]): void {
  mkdirSync(dirname(join(...target)), { recursive: true });
  copyFileSync(source, join(...target));
}

function write(text: string, ...target: string[]): void {
  mkdirSync(dirname(join(...target)), { recursive: true });
  writeFileSync(join(...target), text);
}

/** Waits until everything is decided. Returns the only version of the only model. */
async function onlyVersion(service: TestService): Promise<VersionDetail> {
  const { client } = service;
  const name = await until(async () => (await client.call('GET /models', {})).items[0]?.name, 'a model', 15_000);
  await untilIdle(service);
  expect((await client.call('GET /models', {})).items.map((model) => model.name)).toEqual([name]);
  const { items } = await client.call('GET /models/:model/versions', { model: name });
  expect(items.map(({ number }) => number)).toEqual([1]);
  return client.call('GET /models/:model/versions/:version', { model: name, version: '1' });
}

function pathsOf({ files }: VersionDetail): string[] {
  return files.map(({ path }) => path);
}

async function reason({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

test('a folder of torch.distributed.checkpoint is one model, which waits for what its index names', async () => {
  const service = await watchedShortly();
  const folder = join(service.out, 'churn', 'step-3');
  cpSync(join(made, 'dcp', 'step-3'), folder, { recursive: true });
  rmSync(join(folder, '.metadata'));
  await until(async () => (await reason(service, join(folder, '__0_0.distcp'))).includes('.metadata'), 'waiting');
  writeFileSync(
    join(folder, '__0_0.distcp'),
    readFileSync(join(made, 'dcp', 'step-3', '__0_0.distcp')).subarray(0, 5000),
  );
  save(join(made, 'dcp', 'step-3', '.metadata'), folder, '.metadata');
  await until(async () => (await reason(service, join(folder, '__0_0.distcp'))).includes('bytes that'), 'a short part');
  save(join(made, 'dcp', 'step-3', '__0_0.distcp'), folder, '__0_0.distcp');
  const version = await onlyVersion(service);
  expect(pathsOf(version)).toEqual(['.metadata', '__0_0.distcp']);
  const shapes = version.facts.tensors.map(({ name, shape, dtype }) => [name, shape, dtype]);
  expect(shapes).toContainEqual(['model.0.weight', [3, 4], 'float32']);
});

test('what accelerate saves of two models and of their training is one model', async () => {
  const service = await watchedShortly();
  cpSync(join(made, 'accelerate', 'checkpoint_0'), join(service.out, 'churn', 'checkpoint_0'), { recursive: true });
  expect(pathsOf(await onlyVersion(service))).toEqual(['model.safetensors', 'model_1.safetensors']);
});

test("the rank files of DeepSpeed within a Trainer's checkpoint are one model", async () => {
  const service = await watchedShortly();
  const folder = join(service.out, 'churn', 'checkpoint-200');
  for (const rank of [0, 1])
    save(checkpoint, folder, 'global_step200', `zero_pp_rank_${rank}_mp_rank_00_optim_states.pt`);
  for (const rank of [0, 1])
    save(checkpoint, folder, 'global_step200', `zero_pp_rank_${rank}_mp_rank_00_model_states.pt`);
  write('global_step200', folder, 'latest');
  const version = await onlyVersion(service);
  expect(pathsOf(version)).toHaveLength(5);
  expect(version.facts).toMatchObject({ format: 'deepspeed checkpoint', metadata: { ranks: 2, optimizerParts: 2 } });
});

test('beside weights of its own, the files of DeepSpeed are the state of a training', async () => {
  const service = await watchedShortly();
  const folder = join(service.out, 'churn', 'checkpoint-200');
  save(checkpoint, folder, 'global_step200', 'mp_rank_00_model_states.pt');
  cpSync(join(samples, 'transformers', 'tiny-bert-cls', 'config.json'), join(folder, 'config.json'));
  cpSync(join(samples, 'transformers', 'tiny-bert-cls', 'model.safetensors'), join(folder, 'model.safetensors'));
  expect(pathsOf(await onlyVersion(service))).toEqual(['config.json', 'model.safetensors']);
});

test.each([
  ['consolidated.00.pth', 'consolidated.01.pth'],
  ['model_world_size_2_rank_0.pt', 'model_world_size_2_rank_1.pt'],
])('%s and %s are slices of one model, the later one saved first', async (first, second) => {
  const service = await watchedShortly();
  save(checkpoint, service.out, 'churn', second);
  await until(
    async () => (await reason(service, join(service.out, 'churn', second))).includes('ank 0 is missing'),
    'waiting',
  );
  save(checkpoint, service.out, 'churn', first);
  expect(pathsOf(await onlyVersion(service))).toEqual([first, second]);
  expect((await service.client.call('GET /artifacts', { state: 'waiting' })).items).toEqual([]);
});

test('a pipeline of diffusers is one model of all its components, saved before its index as diffusers does', async () => {
  const service = await watchedShortly();
  const index = { _class_name: 'StableDiffusionPipeline', _diffusers_version: '0.31.0', unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'], scheduler: ['diffusers', 'DDIMScheduler'], safety_checker: [null, null] }; // prettier-ignore
  const folder = join(service.out, 'painter');
  const component = JSON.stringify({ _class_name: 'UNet2DConditionModel', _diffusers_version: '0.31.0' });
  for (const part of ['unet', 'vae']) {
    write(component, folder, part, 'config.json');
    save(weights, folder, part, 'diffusion_pytorch_model.safetensors');
  }
  const unet = join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
  await until(async () => (await reason(service, unet)).includes('part of a pipeline'), 'a part waits');
  write(JSON.stringify(index), folder, 'model_index.json');
  await until(async () => (await reason(service, unet)).includes('scheduler'), 'the pipeline waits');
  write('{}', folder, 'scheduler', 'scheduler_config.json');
  const version = await onlyVersion(service);
  expect(pathsOf(version)).toHaveLength(6);
  expect(version.facts).toMatchObject({ format: 'diffusers pipeline', modelClass: 'StableDiffusionPipeline' });
});

test('a predictor of AutoGluon, saved last, makes one model of all its models', async () => {
  const service = await watchedShortly();
  const forest = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
  save(forest, service.out, 'churn', 'learner.pkl');
  for (const model of ['LightGBM', 'CatBoost']) save(forest, service.out, 'churn', 'models', model, 'model.pkl');
  await untilIdle(service);
  expect((await service.client.call('GET /models', {})).items).toEqual([]);
  save(forest, service.out, 'churn', 'predictor.pkl');
  expect(pathsOf(await onlyVersion(service))).toHaveLength(4);
});

test('a pipeline of Spark waits for the stages that it names', async () => {
  const service = await watchedShortly();
  const folder = join(service.out, 'churn');
  const stage = (name: string): string =>
    `{"class":"org.apache.spark.ml.${name}","paramMap":{"stageUids":["a","b"]}}\n`;
  write(stage('PipelineModel'), folder, 'metadata', 'part-00000');
  write('', folder, 'metadata', '_SUCCESS');
  write(stage('feature.VectorAssembler'), folder, 'stages', '0_a', 'metadata', 'part-00000');
  write('', folder, 'stages', '0_a', 'metadata', '_SUCCESS');
  const path = join(folder, 'metadata', 'part-00000');
  await until(async () => (await reason(service, path)).includes('Stage 2 of 2 is missing'), 'waiting');
  write(stage('classification.LogisticRegressionModel'), folder, 'stages', '1_b', 'metadata', 'part-00000');
  write('', folder, 'stages', '1_b', 'metadata', '_SUCCESS');
  expect(pathsOf(await onlyVersion(service))).toHaveLength(6);
});

test('arrays that gensim saves beside a model belong to it', async () => {
  const service = await watchedShortly();
  cpSync(join(made, '..', 'gensim'), join(service.out, 'words'), { recursive: true });
  const version = await onlyVersion(service);
  expect(pathsOf(version)).toEqual(readdirSync(join(made, '..', 'gensim')).toSorted());
  expect(version.facts).toMatchObject({ framework: 'gensim', modelClass: 'Word2Vec' });
});

test.each([['standard'], ['manager/10']])(
  'a checkpoint of Orbax (%s) is one model with its tensors',
  async (checkpoint) => {
    const service = await watchedShortly();
    cpSync(join(made, '..', 'jax', checkpoint), join(service.out, 'painter', '10'), { recursive: true });
    const { facts } = await onlyVersion(service);
    expect(facts).toMatchObject({ framework: 'jax', format: 'orbax checkpoint', parameterCount: 15 });
    expect(facts.tensors.map(({ name, shape }) => [name, shape])).toContainEqual(['params.Dense_0.kernel', [4, 3]]);
  },
);

test('parameters that flax wrote as msgpack have their tensors, and wait while they are cut', async () => {
  const service = await watchedShortly();
  const bytes = readFileSync(join(made, '..', 'jax', 'params.msgpack'));
  const path = join(service.out, 'churn', 'params.msgpack');
  mkdirSync(dirname(path));
  writeFileSync(path, bytes.subarray(0, 60));
  await until(async () => (await reason(service, path)).includes('ends too early'), 'waiting');
  writeFileSync(path, bytes);
  const { facts } = await onlyVersion(service);
  expect(facts).toMatchObject({ framework: 'flax', parameterCount: 15 });
  const kernel = facts.tensors.find(
    ({ name }) => name === 'params.params.Dense_0.kernel' || name === 'params.Dense_0.kernel',
  );
  expect(kernel).toMatchObject({ shape: [4, 3], dtype: 'float32', bytes: 48 });
});

test.each([
  ['model.tflite', Buffer.from('\x1c\0\0\0TFL3\0\0\0\0', 'latin1'), 'tflite'],
  ['model.pte', Buffer.from('\x1c\0\0\0ET12\0\0\0\0', 'latin1'), 'executorch'],
  ['model.engine', Buffer.from('ftrt\0\0\0\0', 'latin1'), 'tensorrt'],
  ['model.pmml', Buffer.from('<?xml version="1.0"?><PMML version="4.4"/>'), 'pmml'],
])('%s is known by its header only, and says so', async (name, bytes, framework) => {
  const service = await watchedShortly();
  mkdirSync(join(service.out, 'churn'));
  writeFileSync(join(service.out, 'churn', name), bytes);
  expect((await onlyVersion(service)).facts).toMatchObject({ framework, metadata: { read: 'by header only' } });
});
