import { basename, dirname } from 'node:path';
import type { ArtifactRow } from '../../db/artifacts.ts';
import { loadRank, stemOf } from '../artifact/file-types.ts';
import { isGeneric } from '../artifact/naming.ts';
import { isCheckpoint } from './detect.ts';
import { compareMetricNames, directionOf } from '../../shared/metrics.ts';
import { byText } from '../../shared/text-order.ts';

/** A finished save of a run, with what its recogniser and the run's logs say of it. */
export interface Candidate {
  row: ArtifactRow;
  /** Metrics that the file itself records, or its name does. */
  metrics: Record<string, number>;
}

/** What the run's own records say is best: base names of files, and the metric they go by. */
export interface LoggedBest {
  bestNames: string[];
  metric: string | null;
}

/**
 * The saves of a run that become versions: its final product (not named or placed like a checkpoint) before any
 * checkpoint. A product whose name says no more than what it is for, such as `model.keras`, is the run's own; where all
 * are named, such as a generator and a discriminator, each is one. Without a product the best checkpoint: the one that
 * the run's own record calls best, else the best by its recorded metric, else the last. None for no candidates.
 */
export function chooseVersions(run: string, candidates: readonly Candidate[], best: LoggedBest): Candidate[] {
  const finals = candidates.filter(({ row }) => !isCheckpoint(run, row.path));
  const plain = finals.filter(({ row }) => isGeneric(stemOf(row.path)));
  if (plain.length > 0) return listed(preferred(lastWritten(plain), finals));
  if (finals.length > 0) return products(finals).flatMap((saves) => listed(preferred(bestOrLast(saves), saves)));
  return listed(bestCheckpoint(candidates, best));
}

function listed(candidate: Candidate | undefined): Candidate[] {
  return candidate ? [candidate] : [];
}

/** Saves whose names differ in nothing but numbers (`net_0.81`, `net_0.84`) are saves of one product. */
function products(finals: readonly Candidate[]): Candidate[][] {
  const nameOf = ({ row }: Candidate): string => stemOf(row.path).replaceAll(/[-_.=+]\d+/g, '');
  return [...Map.groupBy(finals, nameOf).values()];
}

function bestCheckpoint(candidates: readonly Candidate[], best: LoggedBest): Candidate | undefined {
  const recorded = candidates.filter(
    ({ row }) =>
      best.bestNames.includes(basename(row.path)) || best.bestNames.some((name) => row.path.split('/').includes(name)),
  );
  if (recorded.length > 0) return lastWritten(recorded);
  const named = candidates.filter(({ row }) => /(^|[-_.])best([-_.]|$)/i.test(basename(row.path)));
  if (named.length > 0) return lastWritten(named);
  return bestByMetric(candidates, best.metric) ?? lastWritten(candidates);
}

function lastWritten(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted((a, b) => a.row.writtenAt - b.row.writtenAt || byText(a.row.path, b.row.path)).at(-1);
}

/** The last written; of saves in folders called best and last, such as spaCy's `model-best` and `model-last`, the best. */
function bestOrLast(saves: readonly Candidate[]): Candidate | undefined {
  const isIn = (word: RegExp) => (one: Candidate) => word.test(basename(dirname(one.row.path)));
  const best = saves.filter(isIn(/(^|[-_.])best([-_.]|$)/i));
  const known = best.length + saves.filter(isIn(/(^|[-_.])(last|latest)([-_.]|$)/i)).length === saves.length;
  return lastWritten(known && best.length > 0 ? best : saves);
}

/** The same stem in another format is the same model: the format that loads most directly stands for it. */
function preferred(chosen: Candidate | undefined, all: readonly Candidate[]): Candidate | undefined {
  if (!chosen) return undefined;
  const twins = all.filter(({ row }) => stemOf(row.path) === stemOf(chosen.row.path));
  const isChosen = (one: Candidate): number => (one === chosen ? 0 : 1);
  return twins.toSorted((a, b) => loadRank(a.row.path) - loadRank(b.row.path) || isChosen(a) - isChosen(b))[0];
}

function bestByMetric(candidates: readonly Candidate[], metric: string | null): Candidate | undefined {
  const name = metric ?? commonMetric(candidates);
  return name === undefined ? undefined : bestBy(name, candidates);
}

/** The best of the candidates that record this metric; undefined where fewer than two do, or where its direction is not known. */
export function bestBy(
  name: string,
  candidates: readonly Candidate[],
  direction = directionOf(name),
): Candidate | undefined {
  const valued = candidates.filter((candidate) => Number.isFinite(candidate.metrics[name]));
  if (direction === null || valued.length < 2) return undefined;
  const sign = direction === 'lower' ? 1 : -1;
  return valued.toSorted(
    (a, b) => sign * ((a.metrics[name] ?? 0) - (b.metrics[name] ?? 0)) || b.row.writtenAt - a.row.writtenAt,
  )[0];
}

/** A validation metric that all candidates record, if there is one. */
function commonMetric(candidates: readonly Candidate[]): string | undefined {
  const names = Object.keys(candidates[0]?.metrics ?? {});
  const shared = names.filter(
    (name) => directionOf(name) !== null && candidates.every((one) => Number.isFinite(one.metrics[name])),
  );
  return shared.toSorted(compareMetricNames)[0];
}
