import { isObject } from '../../../protocol/json.ts';
import { basename } from 'node:path';
import { parseJson } from '../../../formats/text/json.ts';
import type { RunLogReader } from '../types.ts';
import { addParams, addProblem, asNumber, type Collector } from './collector.ts';
import { readTable, type Columns } from '../tables/delimited-table.ts';
import { readWhole } from './document.ts';

const maxBytes = 32 * 1024 * 1024;

/**
 * CatBoost's `learn_error.tsv` and `test_error.tsv`: column `iter`, then one column a metric. Series are named by the set:
 * `test/Accuracy`. The event files in the folders `learn` and `test` repeat them with fewer digits and are not read. Source:
 * files of CatBoost 1.2.10.
 */
export const catboostTsv: RunLogReader = {
  name: 'catboost-tsv',
  canRead: (fileName) => errors.test(fileName),
  marksRun: true,
  read: (fileName, source, resume) => {
    const set = errors.exec(basename(fileName))?.[1] ?? '';
    return readTable(source, resume, { delimiter: '\t', columnsOf: (header) => errorColumns(header, set) });
  },
};

const errors = /^(learn|test\d*)_error\.tsv$/;

function errorColumns(header: string[], set: string): Columns | undefined {
  if (header[0] !== 'iter') return undefined;
  const values = header.map((name, index) => ({ index, name: `${set}/${name}` })).slice(1);
  return { steps: [0], time: -1, values };
}

/**
 * CatBoost's `catboost_training.json`: the direction of each metric, which gives the best value and its iteration, and whether
 * all iterations were done. After early stopping it does not record the end. Its series are those of the TSV files.
 */
export const catboostTraining: RunLogReader = {
  name: 'catboost-training',
  canRead: (fileName) => fileName === 'catboost_training.json',
  marksRun: true,
  read: (_fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => collect(into, parseJson(text))),
};

type Fields = Record<string, unknown>;

function collect(into: Collector, training: unknown): void {
  const meta = isObject(training) ? training['meta'] : undefined;
  if (!isObject(training) || !isObject(meta)) return addProblem(into.values, 'it contains no training of CatBoost');
  const iterations = Array.isArray(training['iterations']) ? training['iterations'].filter(isObject) : [];
  for (const kind of ['learn', 'test']) collectBest(into, kind, meta, iterations);
  const wanted = asNumber(meta['iteration_count']);
  if (wanted === undefined) return;
  addParams(into.values, { iteration_count: wanted });
  into.values.status = iterations.length >= wanted && wanted > 0 ? 'finished' : 'running';
}

function collectBest(into: Collector, kind: string, meta: Fields, iterations: Fields[]): void {
  const [set] = Array.isArray(meta[`${kind}_sets`]) ? (meta[`${kind}_sets`] as unknown[]) : [];
  const metrics = meta[`${kind}_metrics`];
  if (typeof set !== 'string' || !Array.isArray(metrics)) return;
  metrics.slice(0, maxMetrics).forEach((metric: unknown, index) => {
    const mode = isObject(metric) ? modeOf(metric['best_value']) : undefined;
    if (mode === undefined || !isObject(metric) || typeof metric['name'] !== 'string') return;
    const best = bestOf(iterations, set, index, mode);
    if (best) into.values.best[`${set}/${metric['name']}`.slice(0, 250)] = { ...best, mode };
  });
}

const maxMetrics = 100;

function modeOf(bestValue: unknown): 'min' | 'max' | undefined {
  if (bestValue === 'Min') return 'min';
  return bestValue === 'Max' ? 'max' : undefined;
}

function bestOf(
  iterations: Fields[],
  set: string,
  index: number,
  mode: 'min' | 'max',
): { value: number; step: number | null } | undefined {
  let best: { value: number; step: number | null } | undefined;
  for (const iteration of iterations) {
    const values = iteration[set];
    const value = Array.isArray(values) ? asNumber(values[index]) : undefined;
    if (value === undefined || Number.isNaN(value)) continue;
    const better = !best || (mode === 'min' ? value < best.value : value > best.value);
    if (better) best = { value, step: asNumber(iteration['iteration']) ?? null };
  }
  return best;
}
