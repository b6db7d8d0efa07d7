import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import { joblib } from '../../../../daemon/ingest/artifact/recognisers/joblib.ts';
import { expectedArtifact, factsOf } from './expected.ts';
import { bytesOf, folderOf, only } from './on-disk.ts';

const inspectBytes = (name: string, bytes: Uint8Array): ReturnType<typeof joblib.inspect> =>
  joblib.inspect({ primary: name, files: [name], wholeFolder: false }, only(name, bytes));

test('files of joblib and compressed pickles are recognised', () => {
  const names = ['a.joblib', 'b.joblib.gz', 'c.z.joblib', 'd.pkl.xz', 'e.pkl', 'f.joblib.txt', 'g.gz'];
  expect(joblib.findGroups(folderOf('run', names)).map((group) => group.primary)).toEqual(names.slice(0, 4));
});

test('a forest with arrays in the stream is read to its end', () => {
  for (const version of ['v1', 'v2', 'v3']) {
    const artifact = expectedArtifact('sklearn', `iris-script/outputs/${version}`);
    const facts = factsOf(joblib, `sklearn/iris-script/outputs/${version}`, 'model.joblib');
    expect(facts).toMatchObject({
      framework: 'scikit-learn',
      frameworkVersion: artifact.framework_version.recorded,
      format: 'joblib',
      modelClass: artifact.model_class,
      pickle: { verdict: 'known imports only' },
      metadata: { features: 4 },
    });
    expect(facts.params).toMatchObject({
      n_estimators: artifact.params['n_estimators'],
      max_depth: artifact.params['max_depth'],
    });
  }
});

test('the models of hydra’s jobs have their params', () => {
  const tree = factsOf(joblib, 'hydra/multirun/2026-11-21/08-44-00/1', 'model.joblib');
  expect(tree).toMatchObject({ modelClass: 'DecisionTreeClassifier', params: { max_depth: 3, random_state: 7 } });
  const logistic = factsOf(joblib, 'hydra/outputs/2026-11-21/08-43-56', 'model.joblib');
  expect(logistic).toMatchObject({ modelClass: 'LogisticRegression', params: { C: 0.5, max_iter: 400 } });
});

test('gzip and zlib are read through', () => {
  for (const [name, format] of [
    ['model.joblib.gz', 'joblib gzip'],
    ['model.z.joblib', 'joblib zlib'],
  ] as const) {
    expect(factsOf(joblib, 'sklearn/wine-variants', name)).toMatchObject({
      format,
      framework: 'scikit-learn',
      frameworkVersion: '1.9.1',
      modelClass: 'LogisticRegression',
    });
  }
});

test('xz is known by its footer, and what is inside is said to be unread', () => {
  expect(factsOf(joblib, 'sklearn/wine-variants', 'model.xz.joblib')).toMatchObject({
    framework: 'unknown',
    format: 'joblib xz',
    pickle: { verdict: 'unreadable' },
    problems: [{ code: 'not-decompressed' }],
  });
});

test('content past the bound is not taken for whole, and only so much is inflated', () => {
  const large = new Uint8Array(gzipSync(new Uint8Array(80_000_000)));
  const start = computed();
  const inspection = inspectBytes('model.joblib.gz', large);
  expect(['foreign', 'unmarked']).toContain(inspection.state);
  expect(computed() - start).toBeLessThan(1500);
});

test('a stream cut anywhere is partial', () => {
  for (const name of ['model.joblib.gz', 'model.z.joblib', 'model.xz.joblib']) {
    const whole = bytesOf(`sklearn/wine-variants/${name}`);
    for (let length = 0; length < whole.length; length += 1) {
      const { state } = inspectBytes(name, whole.subarray(0, length));
      expect(state, `${name} cut to ${length}`).toBe('partial');
    }
  }
});
