import { walkMessage, type OnField } from '../containers/protobuf.ts';
import { FormatError, type Source } from '../source.ts';
import { readShape, tensorflowType } from './types.ts';
import { ByteWindow } from '../window.ts';

export interface SavedModelValue {
  name: string;
  dtype: string;
  /** `?` is a size that is not fixed. */
  shape: (number | string)[];
}

export interface SavedModelSignature {
  name: string;
  method: string;
  inputs: SavedModelValue[];
  outputs: SavedModelValue[];
}

export interface SavedModel {
  /** The version of TensorFlow, such as `2.21.0`; null when it is not recorded. */
  version: string | null;
  tags: string[];
  signatures: SavedModelSignature[];
}

const windowBytes = 64 * 1024;
const maxKept = 200;
const maxFields = 1_000_000;

/**
 * Reads version, tags and signatures of the first graph in `saved_model.pb` (tensorflow/core/protobuf/saved_model.proto), without
 * the graph itself. Throws FormatError: `truncated` when it does not end yet, `malformed` when it is something else.
 */
export function readSavedModel(source: Source): SavedModel {
  if (source.size === 0) throw new FormatError('truncated', 'The SavedModel has no content yet.');
  const bytes = { window: new ByteWindow(source, windowBytes), fields: 0 };
  const model: SavedModel = { version: null, tags: [], signatures: [] };
  let graphs = 0;
  walk(bytes, 0, source.size, (field, wire, from, to) => {
    if (field > 100) throw new FormatError('malformed', 'This is not a SavedModel.');
    if (field === 2 && wire === 2 && ++graphs === 1) readGraph(bytes, from, to, model);
  });
  if (graphs === 0) throw new FormatError('truncated', 'The SavedModel has no graph yet.');
  if (model.version === null && model.tags.length === 0 && model.signatures.length === 0) {
    throw new FormatError('malformed', 'This is not a SavedModel.');
  }
  return model;
}

interface Counted {
  window: ByteWindow;
  fields: number;
}

function walk(bytes: Counted, start: number, end: number, onField: OnField): void {
  walkMessage(bytes.window, start, end, (field, wire, from, to) => {
    if (++bytes.fields > maxFields) throw new FormatError('unsupported', 'The SavedModel has too many fields.');
    onField(field, wire, from, to);
  });
}

function readGraph(bytes: Counted, start: number, end: number, model: SavedModel): void {
  walk(bytes, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 1) readInfo(bytes, from, to, model);
    else if (field === 5 && model.signatures.length < maxKept) model.signatures.push(readSignature(bytes, from, to));
  });
}

function readInfo(bytes: Counted, start: number, end: number, model: SavedModel): void {
  walk(bytes, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 4 && model.tags.length < maxKept) model.tags.push(bytes.window.text(from, Math.min(to - from, 200)));
    else if (field === 5) model.version = bytes.window.text(from, Math.min(to - from, 50));
  });
}

/** Reads an entry of the map of signatures: 1 name, 2 SignatureDef (1 inputs, 2 outputs, 3 method). */
function readSignature(bytes: Counted, start: number, end: number): SavedModelSignature {
  const signature: SavedModelSignature = { name: '', method: '', inputs: [], outputs: [] };
  walk(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) signature.name = bytes.window.text(from, Math.min(to - from, 200));
    if (field !== 2 || wire !== 2) return;
    walk(bytes, from, to, (inner, innerWire, innerFrom, innerTo) => {
      if (innerWire !== 2) return;
      if (inner === 3) signature.method = bytes.window.text(innerFrom, Math.min(innerTo - innerFrom, 200));
      const list = inner === 1 ? signature.inputs : inner === 2 ? signature.outputs : undefined;
      if (list !== undefined && list.length < maxKept) list.push(readValue(bytes, innerFrom, innerTo));
    });
  });
  return signature;
}

/** Reads an entry of a map of TensorInfo: 1 name, 2 TensorInfo (2 dtype, 3 shape). */
function readValue(bytes: Counted, start: number, end: number): SavedModelValue {
  const value: SavedModelValue = { name: '', dtype: 'invalid', shape: [] };
  walk(bytes, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) value.name = bytes.window.text(from, Math.min(to - from, 200));
    if (field !== 2 || wire !== 2) return;
    walk(bytes, from, to, (inner, innerWire, innerFrom, innerTo) => {
      if (inner === 2 && innerWire === 0) value.dtype = tensorflowType(innerFrom);
      else if (inner === 3 && innerWire === 2) value.shape = readShape(bytes.window, innerFrom, innerTo);
    });
  });
  return value;
}
