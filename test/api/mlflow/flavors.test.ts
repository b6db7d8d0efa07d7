import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { samples } from '../../support/daemon.ts';
import { startMlflowService, type Mlflow } from './asked.ts';

interface Told {
  flavors: Record<string, Record<string, unknown>>;
  signature?: { inputs: string; outputs?: string };
}

/** Registers a sample and returns what clients find in its folder. `read` reads a file of it. */
async function folderOf(
  service: Mlflow,
  path: string,
): Promise<{ told: Told | undefined; read(file: string): Promise<string> }> {
  const { version } = await service.client.call('POST /register', { path: join(samples, path), model: 'm' });
  const { artifact_uri: uri } = await service.ok('GET', 'model-versions/get-download-uri', {
    name: 'm',
    version: String(version.number),
  });
  const root = String(uri).replace('mlflow-artifacts:', '/api/2.0/mlflow-artifacts/artifacts');
  const read = async (file: string): Promise<string> => {
    const { status, text } = await service.send(`${root}/${file}`, {});
    return status === 200 ? text : '';
  };
  const document = await read('MLmodel');
  return { told: document === '' ? undefined : (parse(document) as Told), read };
}

test('a folder of transformers says its task, and its tokenizer stands where clients look for it', async () => {
  const { told, read } = await folderOf(await startMlflowService(), 'transformers/tiny-bert-cls');
  expect(told?.flavors).toMatchObject({
    python_function: { loader_module: 'mlflow.transformers' },
    transformers: {
      task: 'text-classification',
      pipeline_model_type: 'BertForSequenceClassification',
      model_binary: '.',
    },
  });
  expect(await read('components/tokenizer/tokenizer.json')).toBe(await read('tokenizer.json'));
  expect(await read('components/tokenizer/model.safetensors')).toBe('');
});

test('Keras models are named without their ending, and their input has no name', async () => {
  const { told } = await folderOf(await startMlflowService(), 'keras/digits-run2/model.keras');
  expect(told?.flavors).toMatchObject({ keras: { data: 'model', keras_version: '3.15.1' } });
  expect(told?.signature?.outputs).toBeUndefined();
  expect(JSON.parse(told?.signature?.inputs ?? '')).toEqual([
    { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 64] } },
  ]);
});

test('columns of a table are columns, as doubles', async () => {
  const { told } = await folderOf(await startMlflowService(), 'xgboost/breast-cancer/run-001/model.json');
  const inputs = JSON.parse(told?.signature?.inputs ?? '[]') as unknown[];
  expect(inputs).toHaveLength(30);
  expect(inputs[0]).toEqual({ name: 'mean_radius', type: 'double', required: true });
});

test('whole modules and TorchScript are loadable, a state_dict and weights alone are not said to be', async () => {
  const service = await startMlflowService();
  const scripted = await folderOf(service, 'pytorch/exports/model_scripted.pt');
  expect(scripted.told?.flavors).toMatchObject({ pytorch: { model_data: 'model_scripted.pt' } });
  expect((await folderOf(service, 'pytorch/exports/whole_module.pth')).told).toBeDefined();
  expect((await folderOf(service, 'pytorch/digits-mlp-a/model.pt')).told).toBeUndefined();
  expect((await folderOf(service, 'keras/digits-run1/weights.12.weights.h5')).told).toBeUndefined();
});
