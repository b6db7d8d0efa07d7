import { readTensor, readValueInfo, type OnnxTensor, type OnnxValue } from './onnx-graph.ts';
import { walkMessage } from '../containers/protobuf.ts';
import { FormatError, type Source } from '../source.ts';
import { ByteWindow } from '../window.ts';

/** Small, because large weights lie between the fields that are read. */
const windowBytes = 4 * 1024;
const maxFields = 2_000_000;
const maxKept = 10_000;

export interface OnnxModel {
  irVersion: number | null;
  producer: string | null;
  producerVersion: string | null;
  graphName: string | null;
  /** Version by domain. The empty domain is `ai.onnx`. */
  opsets: Map<string, number>;
  nodes: number;
  /** At most 10,000 are kept; the counts include all. */
  initializers: OnnxTensor[];
  initializerCount: number;
  parameterCount: number;
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** Files beside the model that hold tensors, and the number of bytes that each must have. */
  external: Map<string, number>;
  /** `metadata_props`. */
  metadata: Map<string, string>;
}

/**
 * Reads an ONNX ModelProto (onnx/onnx.proto3) without its weights. The format has no end mark, so a file cut between two fields
 * looks complete. The reader therefore requires a graph with outputs, and an opset, which is written after the graph. Throws
 * FormatError: `truncated` when they are not there, `malformed` when it is something else.
 */
export function readOnnx(source: Source): OnnxModel {
  if (source.size === 0) throw new FormatError('truncated', 'The model has no content yet.');
  const bytes = new ByteWindow(source, windowBytes);
  const model = emptyModel();
  const count = counter();
  walkMessage(bytes, 0, source.size, (field, wire, from, to) => {
    count();
    if (field === 1 && wire === 0) model.irVersion = from;
    else if (field === 2 && wire === 2) model.producer = bytes.text(from, to - from);
    else if (field === 3 && wire === 2) model.producerVersion = bytes.text(from, to - from);
    else if (field === 7 && wire === 2) readGraph(bytes, from, to, model, count);
    else if (field === 8 && wire === 2) readOpset(bytes, from, to, model.opsets);
    else if (field === 14 && wire === 2) readProperty(bytes, from, to, model.metadata);
    else if (field > 100) throw new FormatError('malformed', 'This is not an ONNX model.');
  });
  if (model.outputs.length === 0 || model.opsets.size === 0) {
    throw new FormatError('truncated', 'The model has no graph with outputs and opset yet.');
  }
  const weights = new Set(model.initializers.map((tensor) => tensor.name));
  model.inputs = model.inputs.filter((input) => !weights.has(input.name));
  return model;
}

function emptyModel(): OnnxModel {
  return {
    irVersion: null,
    producer: null,
    producerVersion: null,
    graphName: null,
    opsets: new Map(),
    nodes: 0,
    initializers: [],
    initializerCount: 0,
    parameterCount: 0,
    inputs: [],
    outputs: [],
    external: new Map(),
    metadata: new Map(),
  };
}

function counter(): () => void {
  let fields = 0;
  return () => {
    if (++fields > maxFields) throw new FormatError('unsupported', `The model has more than ${maxFields} fields.`);
  };
}

function readGraph(bytes: ByteWindow, start: number, end: number, model: OnnxModel, count: () => void): void {
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    count();
    if (wire !== 2) return;
    if (field === 1) model.nodes++;
    else if (field === 2) model.graphName = bytes.text(from, to - from);
    else if (field === 5) addTensor(model, readTensor(bytes, from, to));
    else if (field === 11 && model.inputs.length < maxKept) model.inputs.push(readValueInfo(bytes, from, to));
    else if (field === 12 && model.outputs.length < maxKept) model.outputs.push(readValueInfo(bytes, from, to));
  });
}

function addTensor(model: OnnxModel, tensor: OnnxTensor): void {
  model.initializerCount++;
  model.parameterCount += tensor.shape.reduce((product, size) => product * size, 1);
  if (model.initializers.length < maxKept) model.initializers.push(tensor);
  if (!tensor.external) return;
  const { location, end } = tensor.external;
  if (model.external.size < maxKept || model.external.has(location)) {
    model.external.set(location, Math.max(end, model.external.get(location) ?? 0));
  }
}

function readOpset(bytes: ByteWindow, start: number, end: number, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) domain = bytes.text(from, to - from);
    else if (field === 2 && wire === 0) version = from;
  });
  if (opsets.size < 100) opsets.set(domain, version);
}

function readProperty(bytes: ByteWindow, start: number, end: number, into: Map<string, string>): void {
  let key = '';
  let value = '';
  walkMessage(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) key = bytes.text(from, to - from);
    else if (field === 2 && wire === 2) value = bytes.text(from, Math.min(to - from, 4096));
  });
  if (into.size < 100) into.set(key, value);
}
