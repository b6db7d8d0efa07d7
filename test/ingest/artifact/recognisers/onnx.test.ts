import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import type { Inspection } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { onnx } from '../../../../daemon/ingest/artifact/recognisers/onnx.ts';
import { expectedArtifact } from '../../run-logs/sample.ts';
import { groupOf, factsOf, folderOf, inspectBytes, inspectSample, openIn, SAMPLES, statesOfCuts } from './inspect.ts';

const EXPORTS = 'pytorch/exports';

test.each([['model.onnx', 'model.onnx.data'], ['model_ts_exporter.onnx']])(
  '%s has its weights, signature and producer',
  (...files) => {
    const inspection = inspectSample(onnx, EXPORTS, ...files);
    const facts = factsOf(inspection);
    expect(inspection.state).toBe('unmarked');
    const { recorded } = expectedArtifact('pytorch', `${EXPORTS.slice(8)}/${files[0]}`).framework_version;
    expect(facts).toMatchObject({ framework: 'onnx', frameworkVersion: 'opset 20' });
    expect(facts.metadata).toMatchObject({ producer: `pytorch ${recorded}`, opsets: { 'ai.onnx': 20 }, nodes: 3 });
    expect(facts.tensors[0]).toEqual({ name: 'fc1.weight', shape: [32, 64], dtype: 'float', bytes: 8192 });
    expect(facts.tensors.map(({ name }) => name)).toEqual(['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']);
    expect(facts.parameterCount).toBe(2410);
    expect(facts.signature).toEqual({
      inputs: [{ name: 'x', dtype: 'float', shape: [1, 64] }],
      outputs: [{ name: 'logits', dtype: 'float', shape: [1, 10] }],
    });
    expect(facts.problems).toEqual([]);
  },
);

/** Returns a protobuf field with a text or a message. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, (bytes.length & 127) | 128, bytes.length >> 7]), bytes]);
}

test('its properties are metrics where they have the name of one, else params, and prose is neither', () => {
  const properties = {
    val_auc: '0.91',
    stride: '32',
    int8: 'False',
    imgsz: '[640, 640]',
    task: 'detect',
    epoch: '12',
    metrics: '{"f1": 0.8, "by_class": {"cat": 0.7}}',
    'params.lr': '1e-3',
    description: 'Churn of the second half-year',
    version: '8.3.1',
    'onnx.infer': 'onnxruntime.quant',
    notes: 'two\nlines',
  };
  const added = Object.entries(properties).map(([key, value]) =>
    field(14, Buffer.concat([field(1, key), field(2, value)])),
  );
  const model = readFileSync(new URL(`${EXPORTS}/model_ts_exporter.onnx`, SAMPLES));
  const inspection = inspectBytes(onnx, 'm.onnx', Buffer.concat([model, ...added]));
  expect(factsOf(inspection)).toMatchObject({
    metrics: { val_auc: 0.91, f1: 0.8, 'by_class.cat': 0.7 },
    params: { stride: 32, int8: false, imgsz: [640, 640], task: 'detect', epoch: 12, lr: 0.001 },
  });
  expect(Object.keys(factsOf(inspection).params)).not.toContain('description');
  expect(Object.keys(factsOf(inspection).params)).toHaveLength(6);
  expect(factsOf(inspection).metadata['properties']).toMatchObject({ description: properties.description });
});

test('a producer of several lines is told on one', () => {
  const model = readFileSync(new URL(`${EXPORTS}/model_ts_exporter.onnx`, SAMPLES));
  const inspection = inspectBytes(
    onnx,
    'm.onnx',
    Buffer.concat([model, field(2, 'tf2onnx\nby Ana'), field(3, '1.16\n')]),
  );
  expect(factsOf(inspection).metadata['producer']).toBe('tf2onnx by Ana 1.16');
});

test('a model is grouped with its data files by their names', () => {
  const names = ['a.onnx', 'a.onnx.data', 'b.onnx', 'b.onnx_data', 'b.onnx_data_1', 'c.onnx.json', 'a.data'];
  expect(onnx.findGroups(folderOf(...names)).map(({ files }) => files)).toEqual([
    ['a.onnx', 'a.onnx.data'],
    ['b.onnx', 'b.onnx_data', 'b.onnx_data_1'],
  ]);
});

test.each(['model.onnx', 'model_ts_exporter.onnx'])('%s cut anywhere is partial', (name) => {
  expect(statesOfCuts(onnx, EXPORTS, name, 1000)).toEqual(new Set(['partial']));
});

test('a model whose data file is missing or short is partial', () => {
  const group = groupOf(onnx, 'model.onnx', 'model.onnx.data');
  const open = openIn(EXPORTS);
  const data = readFileSync(new URL(`${EXPORTS}/model.onnx.data`, SAMPLES));
  const withData = (bytes: Uint8Array | undefined): string =>
    onnx.inspect(group, (path) => (path === 'model.onnx' ? open(path) : bytes && sourceOf(bytes))).state;
  expect(withData(data)).toBe('unmarked');
  expect(withData(undefined)).toBe('partial');
  expect(withData(data.subarray(0, 5000))).toBe('partial');
});

/** Returns the sample with another location of the same length for its tensors. */
function withLocation(location: string): Uint8Array {
  const model = readFileSync(new URL(`${EXPORTS}/model.onnx`, SAMPLES)).toString('latin1');
  return Buffer.from(model.replaceAll('model.onnx.data', location), 'latin1');
}

test.each(['../../etc/passw', '/etc/passwd/../', 'C:\\\\x\\\\model.dat', 'a/../../../../b'])(
  'a location outside of the folder (%s) is a problem and is not opened',
  (location) => {
    const model = withLocation(location.padEnd(15, 'x').slice(0, 15));
    const opened: string[] = [];
    const inspection = onnx.inspect(groupOf(onnx, 'model.onnx'), (path) => {
      opened.push(path);
      return sourceOf(model);
    });
    expect(factsOf(inspection).problems.map(({ code }) => code)).toEqual(['external-data-outside']);
    expect(opened).toEqual(['model.onnx']);
  },
);

test.each(['other_weigh.bin', 'data/weigh0.bin', './weights/0.bin'])(
  'a data file of another name (%s) is named',
  (location) => {
    const model = withLocation(location);
    const data = readFileSync(new URL(`${EXPORTS}/model.onnx.data`, SAMPLES));
    const path = location.replace('./', '');
    const inspect = (bytes: Uint8Array | undefined): Inspection =>
      onnx.inspect(groupOf(onnx, 'model.onnx'), (asked) =>
        asked === 'model.onnx' ? sourceOf(model) : asked === path && bytes ? sourceOf(bytes) : undefined,
      );
    expect(inspect(data)).toMatchObject({ state: 'unmarked', named: [path] });
    expect(inspect(new Uint8Array(0))).toMatchObject({ state: 'partial', named: [path] });
    expect(inspect(undefined)).toMatchObject({ state: 'partial', named: [path] });
  },
);

test('weights are passed over unread', () => {
  const small = readFileSync(new URL(`${EXPORTS}/model_ts_exporter.onnx`, SAMPLES));
  let read = 0;
  const source = sourceOf(small);
  const counting = {
    size: source.size,
    read(offset: number, length: number) {
      const bytes = source.read(offset, length);
      read += bytes.length;
      return bytes;
    },
  };
  expect(onnx.inspect(groupOf(onnx, 'm.onnx'), () => counting).state).toBe('unmarked');
  expect(read).toBeLessThan(small.length * 2);
});

test('any bytes are inspected without an exception, and fast', () => {
  const start = computed();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void inspectBytes(onnx, 'm.onnx', bytes)),
    { numRuns: 2000 },
  );
  const many = Buffer.alloc(20_000_000, Buffer.from([58, 0]));
  expect(inspectBytes(onnx, 'm.onnx', many).state).toBe('foreign');
  expect(computed() - start).toBeLessThan(5000);
});
