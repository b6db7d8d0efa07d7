import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const samples = join(import.meta.dirname, '..', 'fixtures', 'samples');

/** A kind of model file, and a function that makes a new one with each call. */
export interface Family {
  name: string;
  ending: string;
  make(salt: number): Buffer;
}

function sample(...path: string[]): Buffer {
  return readFileSync(join(samples, ...path));
}

/** Adds a comment at the end of a zip archive, so its bytes change but not its content. */
function withComment(zip: Buffer, salt: number): Buffer {
  const comment = Buffer.from(`salt ${salt}`);
  const made = Buffer.concat([zip, comment]);
  made.writeUInt16LE(comment.length, zip.length - 2);
  return made;
}

function withTail(bytes: Buffer, salt: number, fromEnd = 4): Buffer {
  const made = Buffer.from(bytes);
  made.writeUInt32LE(salt, made.length - fromEnd);
  return made;
}

/** Adds a field at the end, as protobuf allows: metadata_props (14) with key and value. */
function withProperty(onnx: Buffer, salt: number): Buffer {
  const value = Buffer.from(String(salt));
  const entry = Buffer.concat([Buffer.from([10, 1, 115, 18, value.length]), value]);
  return Buffer.concat([onnx, Buffer.from([(14 << 3) | 2, entry.length]), entry]);
}

/** Writes another version of scikit-learn of the same length, which changes nothing about the structure. */
function withVersion(pickle: Buffer, salt: number): Buffer {
  const copy = Buffer.from(pickle);
  copy.write(salt.toString(36).padStart(5, '0').slice(-5), copy.indexOf('1.9.1'));
  return copy;
}

function pickled(salt: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(salt);
  return Buffer.concat([Buffer.from([0x80, 4, 0x43, 8]), bytes, Buffer.from([0x94, 0x2e])]);
}

function xgboost(text: Buffer, salt: number): Buffer {
  const model = JSON.parse(text.toString()) as { learner: { attributes: Record<string, string> } };
  model.learner.attributes['salt'] = String(salt);
  return Buffer.from(JSON.stringify(model));
}

const safetensors = sample('pytorch', 'digits-mlp-a', 'model.safetensors');
const torch = sample('pytorch', 'digits-mlp-a', 'checkpoints', 'best.pt');
const keras = sample('tensorflow', 'model.keras');
const npz = sample('npz', 'weights.npz');
const gguf = sample('gguf', 'tiny-f16.gguf');
const onnx = sample('pytorch', 'exports', 'model_ts_exporter.onnx');
const joblib = sample('sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
const skops = sample('sklearn', 'skops', 'model.skops');
const cbm = sample('catboost', 'model.cbm');
const booster = sample('xgboost', 'breast-cancer', 'run-001', 'model.json');
const lightgbm = sample('lightgbm', 'breast-cancer', 'run-001', 'model.txt').toString();

/** Each marks its end, except ONNX. */
export const families: readonly Family[] = [
  { name: 'safetensors', ending: '.safetensors', make: (salt) => withTail(safetensors, salt) },
  { name: 'torch zip', ending: '.pt', make: (salt) => withComment(torch, salt) },
  { name: 'keras', ending: '.keras', make: (salt) => withComment(keras, salt) },
  { name: 'npz', ending: '.npz', make: (salt) => withComment(npz, salt) },
  { name: 'gguf', ending: '.gguf', make: (salt) => withTail(gguf, salt) },
  { name: 'onnx (no end mark)', ending: '.onnx', make: (salt) => withProperty(onnx, salt) },
  { name: 'pickle', ending: '.pkl', make: pickled },
  { name: 'xgboost json', ending: '.json', make: (salt) => xgboost(booster, salt) },
  {
    name: 'lightgbm',
    ending: '.txt',
    make: (salt) => Buffer.from(lightgbm.replace('[boosting:', `[salt: ${salt}]\n[boosting:`)),
  },
  { name: 'joblib', ending: '.joblib', make: (salt) => withVersion(joblib, salt) },
  { name: 'skops', ending: '.skops', make: (salt) => withComment(skops, salt) },
  { name: 'catboost', ending: '.cbm', make: (salt) => withTail(cbm, salt, 40) },
];
