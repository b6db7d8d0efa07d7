import { basename, dirname } from 'node:path';
import { metricJson, type Json } from '../../protocol/json.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { SaidEvidence } from '../../registry/versions/register.ts';
import { isPosition } from '../run-logs/readers/position.ts';
import type { RunLog } from '../run-logs/cache.ts';
import { directionOf, splitOf as splitOfMetric } from '../../shared/metrics.ts';
import { hasBestMark, logStepOf, positionInName } from '../artifact/checkpoint-names.ts';
import { sourceName } from '../run-logs/source-name.ts';
import { pointsOf, valueAt, type Series } from '../run-logs/series.ts';
import { record, type Point } from '../run-logs/types.ts';
import type { ArtifactFiles } from '../artifact/types.ts';

/** Values that an artifact holds itself. Series are read at `step`, if it is known. */
export type Own = Pick<ModelFacts, 'step' | 'metrics' | 'params'>;

/** Stands for a whole run: series are read at their end. */
export const nothingOwn: Own = { step: null, metrics: {}, params: {} };

type Metrics = Record<string, number | string>;

/** Collects the evidence of the artifact itself and of each run log. Logs with series come first, so that single values override them. */
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

/** Wraps series so that each becomes points only while it is written as JSON: points take four times the memory of columns. */
function pointsByName(series: Record<string, Series>): Record<string, { toJSON: () => Point[] }> {
  const points = record<{ toJSON: () => Point[] }>();
  for (const [name, one] of Object.entries(series)) points[name] = { toJSON: () => pointsOf(one) };
  return points;
}

/** Returns the split that TensorBoard marks by the folder of an event file, as a prefix: `train/` for `train/events.out.…`. */
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

/** Converts metrics to JSON. Epoch and step say how far a training was, so they are left out unless there is nothing else. */
export function plain(metrics: Record<string, number>): Metrics {
  const entries = Object.entries(metrics);
  const measured = entries.filter(([name]) => !isPosition(name));
  const kept = record<number | string>();
  for (const [name, value] of measured.length > 0 ? measured : entries) kept[name] = metricJson(value);
  return kept;
}

/** True for evidence without values and without problems; a source that could not be read is kept with its problem. */
export function isEmpty(evidence: SaidEvidence): boolean {
  if (evidence.problems !== undefined) return false;
  return Object.keys(evidence.metrics).length === 0 && Object.keys(evidence.params).length === 0;
}

/** Merges the metrics and params of all evidence; later ones override earlier ones. */
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
 * Returns the step at which the logs' metrics on held-out data are best, for a save named as the best. Null if they are best at
 * different epochs. Epochs that Keras' count of batches rules out are ignored.
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

/** Returns the logs' step of a booster's last round, whether they count from 0 or from 1; null without series. */
function stepOfRound(rounds: number, logs: readonly RunLog[]): number | null {
  const firsts = logs.flatMap(({ values }) => Object.values(values.series).map(({ steps }) => steps[0] ?? NaN));
  const known = firsts.filter((step) => !Number.isNaN(step));
  return known.length === 0 ? null : Math.min(...known) === 0 ? rounds - 1 : rounds;
}

/**
 * Returns the step at which an artifact was saved; null if nothing shows it. In this order: the step that it records itself, that
 * a log of its folder records, the number of its checkpoint folder, the one in its name, a booster's rounds; for a Trainer's
 * final folder that restores the best checkpoint, that one's step; for a save named as the best, the best step of the logs.
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
