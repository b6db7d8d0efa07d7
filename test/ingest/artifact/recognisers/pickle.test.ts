import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pickle } from '../../../../daemon/ingest/artifact/recognisers/pickle.ts';
import { REDUCE, dict, globalLine, int, list, pickleOf, stackGlobal, str, tuple } from '../../../formats/pickled.ts';
import { expectedArtifact, factsOf } from './expected.ts';
import { bytesOf, folderOf, only } from './on-disk.ts';

const inspectBytes = (name: string, bytes: Uint8Array): ReturnType<typeof pickle.inspect> =>
  pickle.inspect({ primary: name, files: [name], wholeFolder: false }, only(name, bytes));

test('pickles are recognised by name, the state of trainers is not', () => {
  const folder = folderOf('run', [
    'model.pkl',
    'b.pickle',
    'random_states_0.pkl',
    'optimizer.pkl',
    'scaler.pkl',
    'x.joblib',
    '.tmp.pkl',
  ]);
  expect(pickle.findGroups(folder).map((group) => group.primary)).toEqual(['b.pickle', 'model.pkl', 'scaler.pkl']);
});

test('a forest has its class, version and constructor params', () => {
  for (const version of ['v1', 'v2', 'v3']) {
    const artifact = expectedArtifact('sklearn', `iris-script/outputs/${version}`);
    const facts = factsOf(pickle, `sklearn/iris-script/outputs/${version}`, 'model.pkl');
    expect(facts).toMatchObject({
      framework: 'scikit-learn',
      frameworkVersion: artifact.framework_version.recorded,
      format: 'pickle',
      modelClass: 'RandomForestClassifier',
      pickle: { verdict: 'known imports only' },
      problems: [],
    });
    const { max_depth, n_estimators, random_state } = artifact.params;
    expect(facts.params).toMatchObject({ max_depth, n_estimators, random_state });
    expect(Object.keys(facts.params)).not.toContain('estimator');
  }
});

test('the steps of a pipeline are named as get_params names them', () => {
  const artifact = expectedArtifact('sklearn', 'diabetes-pickle#v1');
  const facts = factsOf(pickle, 'sklearn/diabetes-pickle', 'model_v1.pkl');
  expect(facts.modelClass).toBe('Pipeline');
  expect(facts.params).toMatchObject(artifact.params);
  expect(facts.params).toMatchObject({ ridge: 'Ridge' });
  expect(facts.metadata).toMatchObject({ steps: ['StandardScaler', 'Ridge'] });
});

test('a model that dvc tracks has its params', () => {
  const facts = factsOf(pickle, 'dvc/live', 'model.pkl');
  const { alpha, eta0 } = expectedArtifact('dvc', 'live').params;
  expect(facts.params).toMatchObject({ sgdclassifier__alpha: alpha, sgdclassifier__eta0: eta0 });
});

test('the names of the features are read', () => {
  const folder = 'mlflow/sqlite/mlruns/1/models/m-bd9d1fa2bde3488d8a0a1742274e3981/artifacts';
  const { metadata, modelClass } = factsOf(pickle, folder, 'model.pkl');
  expect(modelClass).toBe('ElasticNet');
  expect(metadata['featureNames']).toEqual(['age', 'sex', 'bmi', 'bp', 's1', 's2', 's3', 's4', 's5', 's6']);
});

test('a cloudpickle runs code and says the class it carries', () => {
  const facts = factsOf(pickle, 'sklearn/wine-variants', 'custom_cloudpickle.pkl');
  expect(facts).toMatchObject({
    framework: 'python',
    format: 'cloudpickle',
    modelClass: 'ThresholdModel',
    pickle: { verdict: 'runs code' },
  });
});

test('an estimator in a dict is found', () => {
  const estimator = [
    ...stackGlobal('sklearn.svm._classes', 'SVC'),
    ...tuple(),
    0x81,
    ...dict([str('C'), int(3)]),
    0x62,
  ];
  const inspection = inspectBytes('bundle.pkl', pickleOf(dict([str('threshold'), int(1)], [str('clf'), estimator])));
  expect(inspection).toMatchObject({
    state: 'whole',
    facts: { framework: 'scikit-learn', modelClass: 'SVC', params: { C: 3 } },
  });
});

test('data under the name of data is no model', () => {
  expect(inspectBytes('rows.pkl', pickleOf(list(int(1), int(2))))).toMatchObject({ state: 'foreign' });
  expect(inspectBytes('model.pkl', pickleOf(dict([str('w'), int(1)])))).toMatchObject({ state: 'whole' });
  expect(inspectBytes('notes.pkl', new TextEncoder().encode('hello, this is no pickle'))).toMatchObject({
    state: 'foreign',
  });
});

test('an attack is shown as one, also under the name of data', () => {
  const bytes = pickleOf(globalLine('os', 'system'), tuple(str('id')), REDUCE);
  expect(inspectBytes('rows.pkl', bytes)).toMatchObject({
    facts: { pickle: { verdict: 'runs code', imports: ['os.system'] } },
  });
});

test('a class of the script that wrote the pickle is a problem', () => {
  const bytes = pickleOf([...stackGlobal('__main__', 'Model'), ...tuple(), 0x81]);
  expect(inspectBytes('a.pkl', bytes)).toMatchObject({
    facts: { modelClass: 'Model', problems: [{ code: 'imports-main' }] },
  });
});

test('several dumps in one file are whole, and all of them are judged', () => {
  const first = bytesOf('sklearn/diabetes-pickle/model_v1.pkl');
  const second = pickleOf(globalLine('os', 'system'), tuple(str('id')), REDUCE);
  const both = new Uint8Array([...first, ...second]);
  expect(inspectBytes('model.pkl', both)).toMatchObject({
    state: 'whole',
    facts: { pickle: { verdict: 'runs code' } },
  });
  expect(inspectBytes('model.pkl', both.subarray(0, both.length - 1))).toMatchObject({ state: 'partial' });
});

test('bytes that follow the end are a problem, and the end is not trusted', () => {
  const bytes = new Uint8Array([...bytesOf('sklearn/diabetes-pickle/model_v1.pkl'), 0xff, 0xff]);
  expect(inspectBytes('model.pkl', bytes)).toMatchObject({
    state: 'unmarked',
    facts: { problems: [{ code: 'trailing-bytes' }] },
  });
});

test('a damaged pickle is kept with its problem and is never called clean', () => {
  const bytes = bytesOf('sklearn/diabetes-pickle/model_v1.pkl').slice();
  bytes[bytes.length - 20] = 0xff;
  bytes[60] = 0xff;
  const inspection = inspectBytes('model.pkl', bytes);
  if ('facts' in inspection) expect(inspection.facts.pickle?.verdict).not.toBe('no code');
});

test('what a script saved in one mapping with the model are the metrics and params of the model', () => {
  const bytes = readFileSync(join(import.meta.dirname, '../../../fixtures/made/bundle/iris.joblib'));
  const found = inspectBytes('iris.pkl', bytes);
  const facts = 'facts' in found ? found.facts : undefined;
  expect(facts?.modelClass).toBe('LogisticRegression');
  expect(facts?.metrics).toMatchObject({ accuracy: 0.97, 'by_class/setosa': 1 });
  expect(facts?.params).toMatchObject({ rows: 150, split: 'none', max_iter: 300 });
});
