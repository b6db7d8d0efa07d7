import { basename, dirname } from 'node:path';
import { metricJson, type Json } from '../../protocol/json.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { SaidEvidence } from '../../registry/versions/register.ts';
import { isPosition } from '../run-logs/readers/position.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { directionOf, splitOf as splitOfMetric } from '../../shared/metrics.ts';
import { hasBestMark, logStepOf, positionInName } from '../runs/checkpoint-names.ts';
import { sourceName } from '../run-logs/source-name.ts';
import { pointsOf, valueAt, type Series } from '../run-logs/series.ts';
import { record, type Point } from '../run-logs/types.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

/** What an artifact says itself; its step, where one is known, is where the series are read. */
export type Own = Pick<ModelFacts, 'step' | 'metrics' | 'params'>;

/** Of a run as a whole: where its series stand now. */
export const nothingOwn: Own = { step: null, metrics: {}, params: {} };

type Metrics = Record<string, number | string>;

/** What the artifact itself says, then what each run log says: logs with series first, single values on top of them. */
export function collectEvidence(facts: Own, logs: readonly RunLog[], base: string): SaidEvidence[] {
  const files = logs.map((file) => saidByLog(file, facts, base)).filter((one) => !isEmpty(one));
  const series = files.filter((one) => one.more !== undefined);
  const single = files.filter((one) => one.more === undefined);
  const own = saidByArtifact(facts);
  return isEmpty(own) ? [...series, ...single] : [...series, own, ...single];
}

export function saidByArtifact(facts: Own): SaidEvidence {
  return { source: 'artifact', metrics: plain(facts.metrics), params: facts.params };
}

export function saidByLog(file: RunLog, own: Pick<Own, 'step'>, base: string): SaidEvidence {
  const { values } = file;
  const source = sourceName(base, file.path);
  const series = prefixed(values.series, splitOf(file, source));
  const ends = record<number>();
  for (const [name, points] of Object.entries(series)) {
    const value = valueAt(points, own.step);
    if (value !== undefined) ends[name] = value;
  }
  const { params, problems } = values;
  const said = { source, metrics: plain(record(ends, values.metrics)), params };
  const evidence: SaidEvidence = problems.length === 0 ? said : { ...said, problems };
  if (Object.keys(series).length === 0 && Object.keys(values.best).length === 0) return evidence;
  return {
    ...evidence,
    more: { series: pointsByName(series) as unknown as Json, best: values.best as unknown as Json },
  };
}

/** Points only while one series after another is written as JSON: all together take four times the columns' memory. */
function pointsByName(series: Record<string, Series>): Record<string, { toJSON: () => Point[] }> {
  const points = record<{ toJSON: () => Point[] }>();
  for (const [name, one] of Object.entries(series)) points[name] = { toJSON: () => pointsOf(one) };
  return points;
}

/** TensorBoard tells the splits of a run apart by the folders of their event files: `train/epoch_loss`. */
function splitOf({ reader }: RunLog, source: string): string {
  const folder = basename(dirname(source));
  const splits = /^(train|training|validation|valid|val|eval|evaluation|test|learn)$/i;
  return reader === 'tfevents' && splits.test(folder) ? `${folder}/` : '';
}

function prefixed(series: Record<string, Series>, prefix: string): Record<string, Series> {
  const named = record<Series>();
  for (const [name, points] of Object.entries(series)) named[prefix + name] = points;
  return named;
}

/** Metrics as JSON. Epoch and step say where a save stands, not how good it is: they stay out unless there is nothing else. */
export function plain(metrics: Record<string, number>): Metrics {
  const entries = Object.entries(metrics);
  const measured = entries.filter(([name]) => !isPosition(name));
  const kept = record<number | string>();
  for (const [name, value] of measured.length > 0 ? measured : entries) kept[name] = metricJson(value);
  return kept;
}

/** A source that could not be read says nothing, but that it could not be read is told. */
export function isEmpty(evidence: SaidEvidence): boolean {
  if (evidence.problems !== undefined) return false;
  return Object.keys(evidence.metrics).length === 0 && Object.keys(evidence.params).length === 0;
}

/** Metrics and params of all evidence together; the last wins. */
export function mergeEvidence(evidence: readonly SaidEvidence[]): Pick<SaidEvidence, 'metrics' | 'params'> {
  return {
    metrics: record(...evidence.map((one) => one.metrics)),
    params: record(...evidence.map((one) => one.params)),
  };
}

function seriesOf(logs: readonly RunLog[]): Record<string, Point[]> {
  const all = logs.flatMap(({ values }) => Object.entries(values.series));
  return Object.fromEntries(all.map(([name, series]) => [name, pointsOf(series)]));
}

/**
 * Where a save that is called the best stands in the logs: where the measures of held-out data are at their best. Null where they
 * are so at different epochs, unless all but one cannot be, by the batches that Keras had counted when it saved.
 */
function stepOfBest({ metadata }: ModelFacts, logs: readonly RunLog[]): number | null {
  const all = logs.flatMap(({ values }) => Object.entries(values.series));
  const measured = all.filter(([name]) => splitOfMetric(name) === 'held-out' && directionOf(name) !== null);
  const { iterations } = metadata;
  const steps = measured.flatMap(([name, { steps: column, values }]) => {
    const at = values.indexOf(directionOf(name) === 'lower' ? Math.min(...values) : Math.max(...values));
    const isPossible = typeof iterations !== 'number' || iterations % (at + 1) === 0;
    return at >= 0 && isPossible ? [column[at] ?? NaN] : [];
  });
  const [step = NaN, ...others] = new Set(steps);
  return others.length === 0 && !Number.isNaN(step) ? step : null;
}

/** Where a booster of so many rounds stands in the logs, which count them from 0 or from 1; null without series. */
function stepOfRound(rounds: number, logs: readonly RunLog[]): number | null {
  const firsts = logs.flatMap(({ values }) => Object.values(values.series).map(({ steps }) => steps[0] ?? NaN));
  const known = firsts.filter((step) => !Number.isNaN(step));
  return known.length === 0 ? null : Math.min(...known) === 0 ? rounds - 1 : rounds;
}

/**
 * The step that an artifact was saved at: what it records itself or a log of its folder, the number of its checkpoint folder, what its name says, or the
 * rounds of a booster; for the final folder of a Trainer that was told to put the best checkpoint back, the best one's; for a save
 * that is called the best, where the logs are best. Null where nothing tells.
 */
export function stepOf(artifact: ArtifactFiles, facts: ModelFacts, logs: readonly RunLog[]): number | null {
  if (facts.step !== null) return facts.step;
  const saved = logs.map(({ values }) => values.saves?.[basename(artifact.folder)]).find((one) => one !== undefined);
  if (saved !== undefined) return saved;
  const numbered = /(?:checkpoint|step|iter|global_step)[-_=]?(\d+)$/i.exec(basename(artifact.folder))?.[1];
  if (numbered !== undefined) return Number(numbered);
  const named = positionInName(artifact.path) && logStepOf(artifact.path, seriesOf(logs));
  if (named !== null) return named;
  const { rounds } = facts.metadata;
  if (typeof rounds === 'number') return stepOfRound(rounds, logs);
  if (facts.params['load_best_model_at_end'] === true)
    return logs.flatMap(({ values: { best } }) => Object.values(best).map(({ step }) => step))[0] ?? null;
  return hasBestMark(artifact.path) ? stepOfBest(facts, logs) : null;
}
