import type { RunLogReader } from '../types.ts';
import { asNumber } from './collector.ts';
import { collectRecord } from './flatten.ts';
import { readJsonLines } from './json-lines.ts';

/**
 * mmengine's `vis_data/scalars.json`, one object a line. Values of training have `iter`. An evaluation after an epoch has the
 * epoch as its step, so it is put at the last iteration before it. Source: mmengine/visualization/vis_backend.py,
 * mmengine/hooks/logger_hook.py
 */
export const mmengine: RunLogReader = {
  name: 'mmengine',
  canRead: (fileName) => fileName.toLowerCase() === 'scalars.json',
  marksRun: true,
  read: (_fileName, source, resume) =>
    readJsonLines(source, resume, (into, record, state) => {
      state.iteration = asNumber(record['iter']) ?? state.iteration ?? 0;
      const step = Math.max(asNumber(record['step']) ?? 0, state.iteration);
      collectRecord(into, '', { ...record, step }, null);
    }),
};
