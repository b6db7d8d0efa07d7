import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import type { Inspection, Recogniser, FileGroup } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { recognisers } from '../../../../daemon/ingest/artifact/recognisers.ts';
import { factsOf } from './inspect.ts';
import { folderAt, folderOf, openIn, sample } from './on-disk.ts';

const mlflow = recognisers[0] as Recogniser;
const model = sample('mlflow/filestore/mlruns/588370599175255012/models/m-3a9d306e2ede49a1ad0e406de4b38398/artifacts');
const group = mlflow.findGroups(folderAt(model))[0] as FileGroup;

function inspectText(text: string, files = ['MLmodel']): Inspection {
  const artifact = { primary: 'MLmodel', files, wholeFolder: true };
  return mlflow.inspect(artifact, (path) => (path === 'MLmodel' ? sourceOf(Buffer.from(text)) : undefined));
}

test('a model folder is one artifact, asked for before any other family', () => {
  expect(group).toMatchObject({ primary: 'MLmodel', wholeFolder: true });
  expect(group.files).toContain('model.pkl');
  expect(mlflow.name).toBe('mlflow');
  const nested = folderOf('model', ['MLmodel'], { data: ['model.pth'] });
  expect(mlflow.findGroups(nested)[0]?.files).toEqual(['MLmodel', 'data/model.pth']);
});

test('flavour, version, signature and the estimator inside are told; MLmodel is no end mark', () => {
  const inspection = mlflow.inspect(group, openIn(model));
  expect(inspection.state).toBe('unmarked');
  expect(factsOf(inspection)).toMatchObject({
    framework: 'scikit-learn',
    frameworkVersion: '1.9.1',
    format: 'mlflow model (sklearn)',
    modelClass: 'ElasticNet',
    pickle: { verdict: 'known imports only' },
    params: { alpha: 0.001, l1_ratio: 0.1 },
    signature: { outputs: [{ name: '0', dtype: 'float64', shape: ['?'] }] },
    metadata: { mlflowVersion: '3.17.2', runId: 'a6606e8e38d343b9bfe9cdea00683956' },
  });
  expect(factsOf(inspection).signature?.inputs[0]).toEqual({ name: 'age', dtype: 'double', shape: [] });
});

test('a folder lacks what its flavours name, or has it cut: it is partial', () => {
  const without = { ...group, files: group.files.filter((file) => file !== 'model.pkl') };
  expect(mlflow.inspect(without, openIn(model))).toEqual({
    state: 'partial',
    reason: 'model.pkl, which MLmodel names, is missing.',
  });
  const cut = mlflow.inspect(group, (path) => {
    const source = openIn(model)(path);
    return path === 'model.pkl' && source ? sourceOf(source.read(0, 700)) : source;
  });
  expect(cut.state).toBe('partial');
});

test('an MLmodel cut anywhere is partial', () => {
  const text = new TextDecoder().decode(openIn(model)('MLmodel')?.read(0, 10_000));
  for (let length = 0; length < 150; length += 1) expect(inspectText(text.slice(0, length)).state).toBe('partial');
});

test('folders and nested paths that flavours name are looked for, paths that lead out are not', () => {
  const text = [
    'flavors:',
    '  python_function: {loader_module: mlflow.pytorch, data: data, env: {conda: conda.yaml}}',
    '  pytorch: {model_data: data, pytorch_version: 2.9.1, code: ../../etc, other: /x}',
  ].join('\n');
  expect(inspectText(text, ['MLmodel', 'conda.yaml']).state).toBe('partial');
  const whole = inspectText(text, ['MLmodel', 'conda.yaml', 'data/model.txt']);
  expect(factsOf(whole)).toMatchObject({ framework: 'pytorch', frameworkVersion: '2.9.1' });
});

test('a model of Python code alone is of MLflow itself', () => {
  const text = 'flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n';
  expect(factsOf(inspectText(text))).toMatchObject({ framework: 'mlflow', format: 'mlflow model (python_function)' });
});

test('hostile YAML is answered soon and without an exception', () => {
  const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, at) => `b${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`}, *a]`).join('\n')}`;
  const start = computed();
  for (const text of [
    '['.repeat(500_000),
    '[}'.repeat(250_000),
    '- '.repeat(100_000),
    bomb,
    'flavors: 7',
    'flavors: []',
    '\0\0\0',
    'flavors: {sklearn: null}',
    `flavors: {__proto__: {data: x}}`,
    'x'.repeat(2_000_000),
  ])
    expect(['partial', 'unmarked', 'foreign']).toContain(inspectText(text).state);
  expect(computed() - start).toBeLessThan(3000);
});
