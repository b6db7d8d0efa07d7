import { basename, dirname, extname } from 'node:path';
import type { ModelFacts } from '../../protocol/artifact.ts';
import { compareMetricNames, directionOf, splitOf } from '../../shared/metrics.ts';
import { byText } from '../../shared/text-order.ts';
import { loadRank, stemOf } from '../artifact/file-types.ts';
import { isGeneric, isMeaningless } from '../disk/name-words.ts';
import type { Point } from '../run-logs/types.ts';
import {
  epochOffset,
  hasBestMark,
  hasCheckpointMark,
  heldOutValue,
  positionInName,
  unnamedValue,
  valuesInName,
} from '../artifact/checkpoint-names.ts';
import { isCheckpoint } from '../run-logs/run-folder.ts';

/** A finished save of a run, with the metrics that describe it. */
export interface Candidate {
  row: { path: string; writtenAt: number };
  /** Metrics in the file itself or in its name. */
  metrics: Record<string, number>;
}

/** Records of the run itself: base names of the best files, the monitored metric, and the series of its logs. */
export interface RunRecord {
  bestNames: string[];
  metric: string | null;
  series?: Readonly<Record<string, readonly Point[]>>;
}

/** A save that becomes a version, and the reason. */
export type Choice<Save extends Candidate> = Save & { why: string };

/**
 * Chooses the saves of a run that become versions: final products before checkpoints. A product with a generic name, such as
 * `model.keras`, is the run's only one. If all products have names, such as a generator and a discriminator, each becomes a
 * version. Without a product the best checkpoint is chosen. Empty for no candidates.
 */
export function chooseVersions<Save extends Candidate>(
  run: string,
  candidates: readonly Save[],
  record: RunRecord,
): Choice<Save>[] {
  const finals = candidates.filter(({ row }) => !isCheckpoint(run, row.path));
  const plain = finals.filter(({ row }) => isGeneric(stemOf(row.path)));
  if (plain.length > 0) return asChoice(mostDirectFormat(lastWritten(plain), finals), 'the final save of its run');
  if (finals.length > 0)
    return groupByProduct(finals).flatMap((saves) =>
      asChoice(mostDirectFormat(bestOrLast(saves), saves), 'the final save of its run'),
    );
  return [bestCheckpoint(candidates, record)].filter((one) => one !== undefined);
}

/** A version that a run made while it went on. */
export interface Product {
  path: string;
  model: string | null;
}

/**
 * Chooses the saves of an untracked run that become versions. Every path with a plain name is a product. Checkpoints of the same
 * model, in folders below a product or of its kind of file belong to the product; of the remaining ones, the best of each model
 * is chosen.
 */
export function chooseUntracked<Save extends Candidate & { model: string | null }>(
  candidates: readonly Save[],
  record: RunRecord,
  made: readonly Product[],
): Choice<Save>[] {
  const finals = candidates.filter(({ row }) => !hasCheckpointMark(row.path));
  const products = [...made, ...finals.map(({ row, model }) => ({ path: row.path, model }))];
  const isOfProduct = ({ row, model }: Save): boolean =>
    products.some(
      (one) => one.model === model || isOfSameKind(one.path, row.path) || isBelow(row.path, dirname(one.path)),
    );
  const others = candidates.filter((one) => hasCheckpointMark(one.row.path) && !isOfProduct(one));
  const groups = [...Map.groupBy(others, ({ model }) => model ?? '').values()];
  const best = groups.map((saves) => bestCheckpoint(saves, record)).filter((one) => one !== undefined);
  return [...finals.map((one) => ({ ...one, why: 'the last save of its run' })), ...best];
}

/** Returns true if two files of one ending may be saves of one model; those of `actor/` and `critic/` are not. */
function isOfSameKind(one: string, other: string): boolean {
  const folders = [dirname(one), dirname(other)] as const;
  const mayBeShared = folders[0] === folders[1] || folders.some((folder) => isMeaningless(basename(folder)));
  return extname(one) === extname(other) && mayBeShared;
}

/** True for a path in a folder below another. */
function isBelow(path: string, folder: string): boolean {
  return dirname(path).startsWith(`${folder}/`);
}

function asChoice<Save extends Candidate>(save: Save | undefined, why: string): Choice<Save>[] {
  return save ? [{ ...save, why }] : [];
}

/** Groups saves whose names differ only in numbers (`net_0.81`, `net_0.84`): each group is one product. */
function groupByProduct<Save extends Candidate>(finals: readonly Save[]): Save[][] {
  const nameOf = ({ row }: Candidate): string => stemOf(row.path).replaceAll(/[-_.=+]\d+/g, '');
  return [...Map.groupBy(finals, nameOf).values()];
}

/**
 * Chooses the best checkpoint, in this order: by the framework's record, by the word `best` in the name, by the metric in the
 * name, by the log's value at the checkpoint's epoch or step, by a metric inside the file. Otherwise the last one, without
 * calling it the best.
 */
export function bestCheckpoint<Save extends Candidate>(
  candidates: readonly Save[],
  record: RunRecord,
): Choice<Save> | undefined {
  const [only, ...rest] = candidates;
  if (only && rest.length === 0) return { ...only, why: 'the only save of its run' };
  return (
    bestByRecord(candidates, record) ??
    bestNamed(candidates) ??
    bestByName(candidates, record) ??
    bestByLog(candidates, record) ??
    bestByMetric(candidates, record.metric) ??
    asChoice(
      lastWritten(candidates),
      `the last of ${candidates.length} saves of its run; which is best is not known`,
    )[0]
  );
}

function bestByRecord<Save extends Candidate>(
  candidates: readonly Save[],
  { bestNames, metric }: RunRecord,
): Choice<Save> | undefined {
  const recorded = candidates.filter(
    ({ row }) => bestNames.includes(basename(row.path)) || bestNames.some((name) => row.path.split('/').includes(name)),
  );
  const by = metric === null ? '' : ` by ${metric}`;
  return asChoice(lastWritten(recorded), `best of ${candidates.length} saves${by}, as the run itself recorded`)[0];
}

function bestNamed<Save extends Candidate>(candidates: readonly Save[]): Choice<Save> | undefined {
  const named = candidates.filter(({ row }) => hasBestMark(row.path));
  return asChoice(lastWritten(named), `best of ${candidates.length} saves, according to its name`)[0];
}

/** Chooses by the metric in each name. A value without a metric is matched with the log's series that has it at that epoch. */
function bestByName<Save extends Candidate>(candidates: readonly Save[], record: RunRecord): Choice<Save> | undefined {
  const names = valuesInName(candidates[0]?.row.path ?? '').map(({ name }) => name);
  const metric = names
    .toSorted(compareMetricNames)
    .find((name) => candidates.every((one) => Number.isFinite(valueInName(one, name))));
  if (metric !== undefined)
    return bestByValue(candidates, metric, (one) => valueInName(one, metric), "from the files' names");
  const column = columnOfUnnamed(candidates, record.series ?? {});
  if (column === undefined) return bestByHeldOut(candidates);
  return bestByValue(candidates, column, ({ row }) => unnamedValue(row.path)?.value ?? NaN, "from the files' names");
}

/**
 * Chooses by values whose names say only that they are of held-out data, such as `val2.31`. Values that cannot be a share or a
 * percentage are taken as losses. Undefined for other values.
 */
function bestByHeldOut<Save extends Candidate>(candidates: readonly Save[]): Choice<Save> | undefined {
  const stated = candidates.map(({ row }) => heldOutValue(row.path));
  const [first] = stated;
  if (!first || stated.some((one) => one?.name !== first.name)) return undefined;
  const values = stated.map((one) => one?.value ?? NaN);
  const isLoss = Math.max(...values) > 100 || (Math.max(...values) > 1 && Math.max(...values) < 10);
  if (!isLoss) return undefined;
  const valueOf = ({ row }: Save): number => heldOutValue(row.path)?.value ?? NaN;
  return bestByValue(candidates, first.name, valueOf, "from the files' names, taken as a loss", 'lower');
}

function valueInName({ row }: Candidate, metric: string): number {
  return valuesInName(row.path).find(({ name }) => name === metric)?.value ?? NaN;
}

/** Returns the series whose values at the epochs in the names equal the rounded values in the names; undefined for none. */
function columnOfUnnamed(
  candidates: readonly Candidate[],
  series: NonNullable<RunRecord['series']>,
): string | undefined {
  const paths = candidates.map(({ row }) => row.path);
  if (paths.some((path) => unnamedValue(path) === null)) return undefined;
  return Object.keys(series)
    .filter((name) => directionOf(name) !== null)
    .toSorted(compareMetricNames)
    .find((name) => epochOffset(paths, name, series[name] ?? []) !== undefined);
}

/**
 * Chooses by the log's value at each save's own step, by the monitored metric or one of held-out data. Undefined if no such
 * metric has a value for all.
 */
function bestByLog<Save extends Candidate>(candidates: readonly Save[], record: RunRecord): Choice<Save> | undefined {
  const series = record.series ?? {};
  const heldOut = Object.keys(series).filter((name) => splitOf(name) === 'held-out');
  const names = record.metric === null ? heldOut.toSorted(compareMetricNames) : [record.metric];
  const metric = names.find(
    (name) => directionOf(name) !== null && candidates.every((one) => loggedAt(one, series[name] ?? []) !== undefined),
  );
  if (metric === undefined) return undefined;
  return bestByValue(candidates, metric, (one) => loggedAt(one, series[metric] ?? []) ?? NaN, "from the run's log");
}

/** Returns a series' value at exactly the epoch or step in a save's name; undefined for none. */
function loggedAt({ row }: Candidate, points: readonly Point[]): number | undefined {
  const position = positionInName(row.path);
  if (!position) return undefined;
  return points.find(([step]) => step === position.value)?.[2];
}

/** A checkpoint that the log gives a better value, at its epoch or step, than the end of training. */
export interface Better<Save> {
  save: Save;
  metric: string;
  value: number;
  atEnd: number;
}

/**
 * Returns the checkpoint that is better than the end of training by the monitored metric, else by one of held-out data; undefined
 * if none is.
 */
export function betterCheckpoint<Save extends Candidate>(
  checkpoints: readonly Save[],
  { metric: monitored, series = {} }: RunRecord,
): Better<Save> | undefined {
  const heldOut = Object.keys(series).filter((name) => splitOf(name) === 'held-out' && directionOf(name) !== null);
  const [metric] = monitored === null ? heldOut.toSorted(compareMetricNames) : [monitored];
  const points = metric === undefined ? [] : (series[metric] ?? []);
  const atEnd = points.at(-1)?.[2];
  const direction = metric === undefined ? null : directionOf(metric);
  if (metric === undefined || direction === null || atEnd === undefined) return undefined;
  const sign = direction === 'lower' ? 1 : -1;
  const [best] = checkpoints
    .flatMap((save) => {
      const value = loggedAt(save, points);
      return value !== undefined && sign * (value - atEnd) < 0 ? [{ save, metric, value, atEnd }] : [];
    })
    .toSorted((a, b) => sign * (a.value - b.value));
  return best;
}

function bestByValue<Save extends Candidate>(
  candidates: readonly Save[],
  metric: string,
  valueOf: (save: Save) => number,
  source: string,
  direction = directionOf(metric),
): Choice<Save> | undefined {
  const valued = candidates.filter((one) => Number.isFinite(valueOf(one)));
  if (direction === null || valued.length < 2) return undefined;
  const sign = direction === 'lower' ? 1 : -1;
  const [best] = valued.toSorted((a, b) => sign * (valueOf(a) - valueOf(b)) || b.row.writtenAt - a.row.writtenAt);
  if (!best) return undefined;
  const position = positionInName(best.row.path);
  const at = position ? ` at ${position.kind} ${position.value}` : '';
  return { ...best, why: `best of ${candidates.length} saves by ${metric} ${valueOf(best)}${at}, ${source}` };
}

function lastWritten<Save extends Candidate>(candidates: readonly Save[]): Save | undefined {
  return candidates.toSorted((a, b) => a.row.writtenAt - b.row.writtenAt || byText(a.row.path, b.row.path)).at(-1);
}

/** Returns the last written save; of saves in folders named best and last, such as spaCy's `model-best` and `model-last`, the best. */
function bestOrLast<Save extends Candidate>(saves: readonly Save[]): Save | undefined {
  const isIn = (word: RegExp) => (one: Candidate) => word.test(basename(dirname(one.row.path)));
  const best = saves.filter(isIn(/(^|[-_.])best([-_.]|$)/i));
  const known = best.length + saves.filter(isIn(/(^|[-_.])(last|latest)([-_.]|$)/i)).length === saves.length;
  return lastWritten(known && best.length > 0 ? best : saves);
}

/** Returns the format of a save's model that loads most directly, among saves of the same stem. */
function mostDirectFormat<Save extends Candidate>(save: Save | undefined, all: readonly Save[]): Save | undefined {
  if (!save) return undefined;
  const siblings = all.filter(({ row }) => stemOf(row.path) === stemOf(save.row.path));
  const isChosen = (one: Save): number => (one === save ? 0 : 1);
  return siblings.toSorted((a, b) => loadRank(a.row.path) - loadRank(b.row.path) || isChosen(a) - isChosen(b))[0];
}

function bestByMetric<Save extends Candidate>(
  candidates: readonly Save[],
  metric: string | null,
): Choice<Save> | undefined {
  const name = metric ?? commonMetric(candidates);
  return name === undefined ? undefined : bestBy(name, candidates);
}

/** Returns the best candidate by a metric; undefined if fewer than two record it or its direction is unknown. */
export function bestBy<Save extends Candidate>(
  name: string,
  candidates: readonly Save[],
  direction = directionOf(name),
): Choice<Save> | undefined {
  const valued = candidates.filter((candidate) => Number.isFinite(candidate.metrics[name]));
  if (direction === null || valued.length < 2) return undefined;
  const sign = direction === 'lower' ? 1 : -1;
  const [best] = valued.toSorted(
    (a, b) => sign * ((a.metrics[name] ?? 0) - (b.metrics[name] ?? 0)) || b.row.writtenAt - a.row.writtenAt,
  );
  return (
    best && { ...best, why: `best of ${candidates.length} saves by ${name} ${best.metrics[name]}, from the files` }
  );
}

/** Returns the first of the metrics that all candidates record; undefined for none. */
function commonMetric(candidates: readonly Candidate[]): string | undefined {
  const names = Object.keys(candidates[0]?.metrics ?? {});
  const shared = names.filter(
    (name) => directionOf(name) !== null && candidates.every((one) => Number.isFinite(one.metrics[name])),
  );
  return shared.toSorted(compareMetricNames)[0];
}

/** Reads the monitored metric and the path of the best checkpoint that Lightning's ModelCheckpoint stores in a file. */
export function describeBest(facts: ModelFacts): { monitor: string | null; path: string | null } {
  const recorded = facts.metadata['checkpoint'];
  const text = (key: string): string | null => {
    const found =
      recorded !== null && typeof recorded === 'object' && !Array.isArray(recorded) ? recorded?.[key] : null;
    return typeof found === 'string' ? found : null;
  };
  return { monitor: text('monitor'), path: text('bestModelPath') };
}
