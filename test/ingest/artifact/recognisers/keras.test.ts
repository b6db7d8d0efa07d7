import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countParameters } from '../../../../daemon/formats/hdf5/keras-layers.ts';
import { keras } from '../../../../daemon/ingest/artifact/recognisers/keras.ts';
import { expectedArtifact } from '../../run-logs/sample.ts';
import { factsOf, folderOf, inspectBytes, inspectSample, SAMPLES, statesOfCuts } from './inspect.ts';

test.each(['digits-run1', 'digits-run2'])('the archive of %s is whole, with its version, params and size', (run) => {
  const expected = expectedArtifact('keras', run);
  for (const file of ['model.keras', 'best.keras']) {
    const inspection = inspectSample(keras, `keras/${run}`, file);
    expect(inspection.state).toBe('whole');
    expect(factsOf(inspection)).toMatchObject({
      framework: 'keras',
      frameworkVersion: expected.framework_version.recorded,
      modelClass: 'Sequential',
      params: expected.params,
      parameterCount: expected.parameter_count,
      tensorsTotal: 4,
      tensors: [{ name: 'layers/dense/vars/0', dtype: 'float32' }, {}, {}, {}],
      signature: { inputs: [{ shape: ['?', 64] }] },
    });
  }
});

test('the batches that the optimizer counted are read', () => {
  const counted = [
    ['keras/digits-run1', 'best.keras'],
    ['keras/digits-run1', 'weights.06.weights.h5'],
    ['keras/digits-run2', 'model_legacy.h5'],
  ] as const;
  const read = counted.map(([folder, file]) => factsOf(inspectSample(keras, folder, file)).metadata['iterations']);
  expect(read).toEqual([144, 72, 144]);
});

test('an archive that is cut is partial', () => {
  expect(statesOfCuts(keras, 'keras/digits-run1', 'model.keras')).toEqual(new Set(['partial']));
});

test('weights in HDF5 are unmarked, and cut ones partial', () => {
  expect(inspectSample(keras, 'keras/digits-run1', 'weights.06.weights.h5').state).toBe('unmarked');
  expect(inspectSample(keras, 'tensorflow', 'model.weights.h5').state).toBe('unmarked');
  expect(statesOfCuts(keras, 'keras/digits-run1', 'weights.06.weights.h5')).toEqual(new Set(['partial']));
});

test('a whole model in HDF5 has its version and params', () => {
  const inspection = inspectSample(keras, 'keras/digits-run2', 'model_legacy.h5');
  expect(inspection.state).toBe('unmarked');
  expect(factsOf(inspection)).toMatchObject({
    frameworkVersion: '3.15.1',
    format: 'hdf5',
    modelClass: 'Sequential',
    params: expectedArtifact('keras', 'digits-run2').params,
  });
});

test('weights alone have their tensors and size, without the optimizer', () => {
  const facts = factsOf(inspectSample(keras, 'keras/digits-run1', 'weights.12.weights.h5'));
  expect(facts.parameterCount).toBe(expectedArtifact('keras', 'digits-run1').parameter_count);
  expect(facts.tensors.map(({ shape }) => shape)).toEqual([[64, 16], [16], [16, 10], [10]]);
});

test('HDF5 that Keras did not write is foreign', () => {
  const bytes = Buffer.alloc(4096);
  readFileSync(new URL('keras/digits-run2/model_legacy.h5', SAMPLES)).copy(bytes, 0, 0, 96);
  bytes.writeBigUInt64LE(4096n, 40);
  expect(inspectBytes(keras, 'data.h5', bytes).state).toBe('foreign');
  expect(inspectBytes(keras, 'model.h5', Buffer.from('no HDF5 at all, but long enough to be one')).state).toBe(
    'foreign',
  );
});

test('a zip that is no Keras archive is foreign', () => {
  const zip = readFileSync(new URL('pytorch/digits-mlp-a/model.pt', SAMPLES));
  expect(inspectBytes(keras, 'model.keras', zip).state).toBe('foreign');
  expect(keras.findGroups(folderOf('model.pt', 'x.keras.tmp'))).toEqual([]);
});

const layer = (name: string, config: object, input: unknown[]): object => ({
  class_name: name,
  config,
  build_config: { input_shape: input },
});

test('weights are counted from the layers, or not at all', () => {
  const conv = layer('Conv2D', { filters: 8, kernel_size: [3, 3], groups: 1, use_bias: true }, [null, 28, 28, 3]);
  const norm = layer('BatchNormalization', { scale: true, center: true }, [null, 26, 26, 8]);
  const embedding = layer('Embedding', { input_dim: 100, output_dim: 4 }, [null, 10]);
  const model = (layers: object[]): never => ({ class_name: 'Sequential', config: { layers } }) as never;
  expect(countParameters(model([conv, norm, embedding, layer('Flatten', {}, [])]))).toBe(224 + 32 + 400);
  expect(countParameters(model([conv, layer('MyLayer', {}, [null, 3])]))).toBeNull();
  expect(countParameters(model([model([model([conv])])]))).toBe(224);
});

test('any bytes after the signature are inspected without an exception', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('\x89HDF\r\n\x1a\n', 'PK\x03\x04', ''),
      fc.uint8Array({ maxLength: 200 }),
      (head, rest) => {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), rest]);
        for (const name of ['a.keras', 'a.h5', 'a.weights.h5']) {
          expect(inspectBytes(keras, name, bytes).state).not.toBe('whole');
        }
      },
    ),
    { numRuns: 1000 },
  );
});
