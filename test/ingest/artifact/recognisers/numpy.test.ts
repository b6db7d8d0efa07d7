import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { numpy } from '../../../../daemon/ingest/artifact/recognisers/numpy.ts';
import { factsOf, inspectBytes, inspectSample, statesOfCuts } from './inspect.ts';
import { folderOf } from './on-disk.ts';

/** Reads a file written by test/fixtures/make/statsmodels_ols.py. */
function made(name: string): Uint8Array {
  return readFileSync(new URL(`../../../fixtures/made/statsmodels/${name}`, import.meta.url));
}

function grouped(folder: string, ...files: string[]): string[] {
  return numpy.findGroups(folderOf(folder, files)).map(({ primary }) => primary);
}

test('an archive of weights is whole, with its arrays', () => {
  const inspection = inspectSample(numpy, 'npz', 'weights.npz');
  expect(inspection.state).toBe('whole');
  expect(factsOf(inspection)).toMatchObject({
    framework: 'numpy',
    format: 'npz',
    parameterCount: 16,
    pickle: null,
    tensors: [
      { name: 'W', shape: [3, 4], dtype: 'float32', bytes: 48 },
      { name: 'b', shape: [4], dtype: 'float64', bytes: 32 },
    ],
  });
});

test('an archive that is cut is partial', () => {
  expect(statesOfCuts(numpy, 'npz', 'weights.npz')).toEqual(new Set(['partial']));
  expect(statesOfCuts(numpy, 'npz', 'weights_c.npz')).toEqual(new Set(['partial']));
});

test('arrays whose names say data are not recognised', () => {
  const data = ['X_train.npy', 'y.npy', 'embeddings.npy', 'a.npy', 'train.npz', 'test_features.npz', 'evaluations.npz'];
  expect(grouped('run', ...data)).toEqual([]);
  expect(grouped('data', 'digits.npz')).toEqual([]);
  const models = ['coef.npy', 'model.npy', 'policy.npz', 'weights_v2.npy'];
  expect(grouped('run', ...models)).toEqual(models);
  expect(grouped('data', 'model.npz')).toEqual(['model.npz']);
});

test('an archive whose arrays are a data set or a sparse matrix is foreign', () => {
  const renamed = (...names: [string, string][]): Uint8Array => {
    let text = readFileSync(new URL('../../../fixtures/samples/npz/weights.npz', import.meta.url)).toString('latin1');
    for (const [from, to] of names) text = text.replaceAll(from, to);
    return Buffer.from(text, 'latin1');
  };
  expect(inspectBytes(numpy, 'mine.npz', renamed(['W.npy', 'X.npy'], ['b.npy', 'y.npy'])).state).toBe('foreign');
  expect(inspectBytes(numpy, 'mine.npz', renamed(['W.npy', 'X.npy'])).state).toBe('whole');
});

test('objects in arrays are a pickle, which is read and never loaded', () => {
  const archive = factsOf(inspectBytes(numpy, 'arrays.npz', made('arrays.npz')));
  expect(archive).toMatchObject({ tensorsTotal: 2, parameterCount: null });
  expect(archive.pickle).toMatchObject({ verdict: 'known imports only' });
  const single = inspectBytes(numpy, 'params.npy', made('params.npy'));
  expect(single.state).toBe('unmarked');
  expect(factsOf(single).pickle?.imports).toContain('numpy.ndarray');
  const cut = made('params.npy').subarray(0, 300);
  expect(inspectBytes(numpy, 'params.npy', cut).state).toBe('partial');
});

test('a file of another kind is foreign', () => {
  expect(inspectBytes(numpy, 'model.npy', Buffer.from('text')).state).toBe('foreign');
  expect(inspectBytes(numpy, 'model.npz', Buffer.from('text that is no zip archive')).state).toBe('foreign');
  expect(inspectBytes(numpy, 'model.npz', Buffer.alloc(0)).state).not.toBe('whole');
});
