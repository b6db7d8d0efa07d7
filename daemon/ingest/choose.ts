import { basename } from 'node:path';
import { directionOf } from '../registry/direction.ts';
import type { ArtifactRow } from '../db/artifacts.ts';
import { isGeneric } from './generic-name.ts';
import { isCheckpoint } from './run.ts';
import { stemOf } from './notes-near.ts';

/** A finished save of a run, with what its recogniser and the run's notes say of it. */
export interface Candidate {
  row: ArtifactRow;
  /** Metrics that the file itself records, or its name does. */
  metrics: Record<string, number>;
}

/** What the run's own records say is best: base names of files, and the metric they go by. */
export interface RunVerdict {
  bestNames: string[];
  metric: string | null;
}

/** Where one model was saved in several formats under one stem, this one stands for it. */
const formatOrder = [
  '.pt',
  '.pth',
  '.joblib',
  '.keras',
  '.ckpt',
  '.json',
  '.safetensors',
  '.pkl',
  '.ubj',
  '.h5',
  '.onnx',
];

/**
 * The save of a run that becomes its version: a final product (not named or placed like a checkpoint) before any
 * checkpoint; among checkpoints the one that the run's own record calls best, else the best by its recorded metric, else
 * the last. Undefined for no candidates.
 */
export function chooseVersion(
  run: string,
  candidates: readonly Candidate[],
  verdict: RunVerdict,
): Candidate | undefined {
  const finals = candidates.filter(({ row }) => !isCheckpoint(run, row.path));
  if (finals.length > 0) return preferred(lastWritten(plainlyNamed(finals)), finals);
  const recorded = candidates.filter(
    ({ row }) =>
      verdict.bestNames.includes(basename(row.path)) ||
      verdict.bestNames.some((name) => row.path.split('/').includes(name)),
  );
  if (recorded.length > 0) return lastWritten(recorded);
  const named = candidates.filter(({ row }) => /(^|[-_.])best([-_.]|$)/i.test(basename(row.path)));
  if (named.length > 0) return lastWritten(named);
  return bestByMetric(candidates, verdict.metric) ?? lastWritten(candidates);
}

/** `model.keras` before `model_legacy.h5`: a name that says no more than what the file is for is the run's own product. */
function plainlyNamed(finals: readonly Candidate[]): readonly Candidate[] {
  const plain = finals.filter(({ row }) => isGeneric(stemOf(row.path)));
  return plain.length > 0 ? plain : finals;
}

function lastWritten(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted((a, b) => a.row.writtenAt - b.row.writtenAt || (a.row.path < b.row.path ? -1 : 1)).at(-1);
}

/** The same stem in another format is the same model: the format that loads most directly stands for it. */
function preferred(chosen: Candidate | undefined, all: readonly Candidate[]): Candidate | undefined {
  if (!chosen) return undefined;
  const twins = all.filter(({ row }) => stemOf(row.path) === stemOf(chosen.row.path));
  return twins.toSorted((a, b) => rank(a.row.path) - rank(b.row.path))[0];
}

/** Lower is preferred. */
export function rank(path: string): number {
  const at = formatOrder.findIndex((ending) => path.endsWith(ending));
  return at < 0 ? formatOrder.length : at;
}

function bestByMetric(candidates: readonly Candidate[], metric: string | null): Candidate | undefined {
  const name = metric ?? commonMetric(candidates);
  if (name === undefined) return undefined;
  const direction = directionOf(name);
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
  return shared.find((name) => /val|eval|test/i.test(name)) ?? shared[0];
}
