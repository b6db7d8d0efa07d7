import { walkMessage } from '../../../formats/containers/protobuf.ts';
import type { ByteWindow } from '../../../formats/window.ts';
import type { Json } from '../../../protocol/json.ts';
import { blank } from './collector.ts';

/**
 * Returns the hyperparameters in the content of TensorBoard's hparams plugin (HParamsPluginData.session_start_info.hparams, a map
 * of text to google.protobuf.Value) in `window[start, end)`; empty for its other records. Throws FormatError. Source:
 * tensorboard/plugins/hparams/plugin_data.proto
 */
export function readHparams(window: ByteWindow, start: number, end: number): Record<string, Json> {
  const params = blank<Json>();
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field !== 3 || wire !== 2) return;
    walkMessage(window, from, to, (inner, innerWire, innerFrom, innerTo) => {
      if (inner === 1 && innerWire === 2) readEntry(window, innerFrom, innerTo, params);
    });
  });
  return params;
}

function readEntry(window: ByteWindow, start: number, end: number, into: Record<string, Json>): void {
  let key = '';
  let value: Json = null;
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) key = window.text(from, to - from);
    else if (field === 2 && wire === 2) value = readValue(window, from, to);
  });
  if (key !== '' && key !== '__proto__') into[key] = value;
}

/** Reads a number, text or boolean. Lists and structs do not occur in hparams. */
function readValue(window: ByteWindow, start: number, end: number): Json {
  let value: Json = null;
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 2 && wire === 1) value = finite(window.float64(from, true));
    else if (field === 3 && wire === 2) value = window.text(from, to - from);
    else if (field === 4 && wire === 0) value = from !== 0;
  });
  return value;
}

function finite(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}
