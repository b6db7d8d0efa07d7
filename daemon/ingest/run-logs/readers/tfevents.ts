import { scalarReader } from '../../../formats/tensorflow/scalar-event.ts';
import { readEvent, readRecords, type Framed, type SummaryValue } from '../../../formats/tensorflow/tfevents.ts';
import { ByteWindow } from '../../../formats/window.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import type { RunLogReader } from '../types.ts';
import { addPoint, addProblem, collector, enoughPoints, type Collector } from './collector.ts';
import { readHparams } from './hparams.ts';

const maxTags = 10_000;

/** Plugin of each tag that is not a scalar, from the tag's first record, and the offset after which the file cannot be read. */
interface State {
  plugins: Map<string, string>;
  lostAt: number | null;
}

/** TensorBoard event files: scalars in both encodings as series, hparams as params. */
export const tfevents: RunLogReader = {
  name: 'tfevents',
  canRead: (fileName) => fileName.includes('tfevents'),
  marksRun: true,
  read(_fileName, source, resume) {
    const into = collector();
    const goesOn = resume !== undefined && resume.offset >= 0 && resume.offset <= source.size;
    const state = stateOf(goesOn ? resume.state : null);
    let offset = goesOn ? resume.offset : 0;
    const scalarAt = scalarReader();
    let window: ByteWindow | undefined;
    let bytes: Uint8Array | undefined;
    for (const frame of readRecords(source, offset)) {
      if (frame.kind !== 'record') addDefect(into, state, frame);
      if (frame.kind === 'lost') break;
      const scalar = frame.kind === 'record' ? scalarAt(frame.bytes, frame.from, frame.to) : undefined;
      if (scalar) addPoint(into, scalar.tag, [scalar.step, timeOf(scalar.wallTime), scalar.value]);
      else if (frame.kind === 'record') {
        if (bytes !== frame.bytes) window = ByteWindow.over((bytes = frame.bytes));
        if (window) collectRecord(into, state, window, frame.from, frame.to);
      }
      offset = frame.end;
      if (into.points >= enoughPoints) break;
    }
    return { values: into.values, resume: { offset, state: stored(state) } };
  },
};

/** Reports a damaged place once, not at every call. */
function addDefect(into: Collector, state: State, frame: Exclude<Framed, { kind: 'record' }>): void {
  if (frame.kind === 'bad record') {
    return addProblem(into.values, `the record at byte ${frame.at} does not match its checksum; skipped`);
  }
  if (state.lostAt === frame.at) return;
  state.lostAt = frame.at;
  addProblem(into.values, `the length at byte ${frame.at} does not match its checksum; nothing after it can be read`);
}

function timeOf(wallTime: number): number | null {
  return wallTime > 0 && wallTime < 1e11 ? Math.round(wallTime * 1000) : null;
}

function collectRecord(into: Collector, state: State, window: ByteWindow, from: number, to: number): void {
  try {
    const event = readEvent(window, from, to);
    const time = timeOf(event.wallTime);
    for (const value of event.values) collectValue(into, state, window, value, event.step, time);
  } catch {
    addProblem(into.values, `a record of ${to - from} bytes is not an event; skipped`);
  }
}

function collectValue(
  into: Collector,
  state: State,
  window: ByteWindow,
  value: SummaryValue,
  step: number,
  time: number | null,
): void {
  if (value.plugin !== undefined && value.plugin !== 'scalars' && state.plugins.size < maxTags) {
    state.plugins.set(value.tag, value.plugin);
  }
  if (value.plugin === 'hparams' && value.content) {
    Object.assign(into.values.params, readHparams(window, value.content[0], value.content[1]));
  }
  if (value.value === undefined || (!value.simple && state.plugins.has(value.tag))) return;
  addPoint(into, value.tag, [step, time, value.value]);
}

function stateOf(state: Json): State {
  const plugins = new Map<string, string>();
  if (!isObject(state)) return { plugins, lostAt: null };
  const { plugins: pairs, lostAt } = state;
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [tag, plugin]: unknown[] = Array.isArray(pair) ? pair : [];
    if (typeof tag === 'string' && typeof plugin === 'string') plugins.set(tag, plugin);
  }
  return { plugins, lostAt: typeof lostAt === 'number' ? lostAt : null };
}

function stored({ plugins, lostAt }: State): Json {
  return { plugins: [...plugins], lostAt };
}
