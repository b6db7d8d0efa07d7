import type { Json } from '../../protocol/json.ts';
import { parseJson } from '../text/json.ts';
import { countParameters, object } from './keras-layers.ts';
import { FormatError, type Source } from '../source.ts';
import { readEntry, readZip, type ZipEntry } from '../containers/zip.ts';

const maxJson = 16 * 1024 * 1024;
const h5Look = 1024 * 1024;

export interface KerasModel {
  version: string | null;
  dateSaved: string | null;
  /** `Sequential`, `Functional`, or the name of the user's class. */
  className: string | null;
  name: string | null;
  layers: number | null;
  parameterCount: number | null;
  inputShape: (number | string)[] | null;
  /** Optimizer, learning rate and loss with which it was compiled. */
  params: Record<string, Json>;
  metrics: Json;
}

/**
 * Reads a `.keras` archive (Keras 3, keras/src/saving/saving_lib.py: metadata.json, config.json, model.weights.h5) without its
 * weights. Throws FormatError: `truncated` when the archive does not end yet, `malformed` when it is a different archive.
 */
export function readKeras(source: Source): KerasModel {
  const entries = readZip(source);
  const config = object(readJson(source, entries, 'config.json'));
  const metadata = object(readJson(source, entries, 'metadata.json'));
  if (!entries.some((entry) => /^(model\.weights\.(h5|npz|json)|model_weights.*)$/.test(entry.name))) {
    throw new FormatError('malformed', 'The archive holds no weights.');
  }
  return {
    ...modelOf(config),
    version: text(metadata['keras_version']),
    dateSaved: text(metadata['date_saved']),
    ...compiledOf(object(config['compile_config'])),
  };
}

function readJson(source: Source, entries: readonly ZipEntry[], name: string): Json {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw new FormatError('malformed', `The archive holds no ${name}.`);
  return parseJson(Buffer.from(readEntry(source, entry, maxJson)).toString('utf8'));
}

function modelOf(document: Record<string, Json>): Omit<KerasModel, 'version' | 'dateSaved' | 'params' | 'metrics'> {
  const config = object(document['config']);
  return {
    className: text(document['class_name']),
    name: text(config['name']),
    layers: Array.isArray(config['layers']) ? config['layers'].length : null,
    parameterCount: countParameters(document),
    inputShape: shapeOf(object(document['build_config'])['input_shape'] ?? config['build_input_shape']),
  };
}

function compiledOf(compiled: Record<string, Json>): Pick<KerasModel, 'params' | 'metrics'> {
  const optimizer = object(compiled['optimizer'] ?? compiled['optimizer_config']);
  const optimizerName = text(optimizer['class_name']) ?? text(compiled['optimizer']);
  const rate = object(optimizer['config'])['learning_rate'];
  const params: Record<string, Json> = {};
  if (optimizerName !== null) params['optimizer'] = optimizerName;
  if (rate !== undefined && rate !== null) params['learning_rate'] = rate;
  const loss = compiled['loss'];
  if (loss !== undefined && loss !== null) params['loss'] = text(object(loss)['class_name']) ?? loss;
  return { params, metrics: compiled['metrics'] ?? null };
}

/**
 * Reads the text that Keras wrote into an HDF5 file (`model.save('x.h5')`, keras/src/legacy/saving): its version and configs,
 * found by their form in the first MiB without reading the file's tree. Returns undefined when Keras left no trace.
 */
export function readKerasTraces(source: Source): KerasModel | undefined {
  const head = Buffer.from(source.read(0, h5Look)).toString('latin1');
  if (!/keras_version|layer_names|weight_names|model_config/.test(head)) return undefined;
  const config = configAt(head, head.search(/\{"(module": "keras|class_name": ")/));
  const compiled = configAt(head, head.search(/\{"(loss|optimizer|optimizer_config)": /));
  return {
    ...modelOf(config),
    version: /[^\d.](\d+\.\d+\.\d+(-tf)?)\0/.exec(head)?.[1] ?? null,
    dateSaved: null,
    ...compiledOf(compiled),
  };
}

/** Returns the JSON object that begins at `start` and ends before a zero byte; an empty object when there is none. */
function configAt(text: string, start: number): Record<string, Json> {
  if (start < 0) return {};
  const end = text.indexOf('\0', start);
  try {
    return object(parseJson(text.slice(start, end < 0 ? undefined : end)));
  } catch {
    return {};
  }
}

function shapeOf(shape: Json | undefined): (number | string)[] | null {
  if (!Array.isArray(shape) || shape.length > 64) return null;
  return shape.map((size) => (typeof size === 'number' ? size : '?'));
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
