import { basename, dirname } from 'node:path';
import { directionOf } from '../../shared/metrics.ts';
import { stemOf } from './file-types.ts';

/** Reads checkpoint names: the epoch or step of a save, and its metric. */

const mark =
  /(^|[-_.=+ ])(epochs?|ep|steps?|global_?step|iter(?:ation)?s?|checkpoints?|ckpts?|chkpt|best|last|latest)(?=[-_.=+ ]|\d|$)/i;
/** Names of saves of one search or cross-validation: `fold_3`, `trial-12`. */
const searched = /(^|[-_. ])(trial|fold|cv|seed|kfold|split)[-_=]?\d+(?=[-_. ]|$)/i;
/** `lr=0.1`, `max_depth=3`. */
const assigned = /[a-z_]+=[-+\d.e]+/i;
/** `lr0.01`, `depth_3`, `C1.0`: settings of a search. */
const settings =
  /(^|[-_. ])(lr|learning_?rate|max_?depth|depth|n_?estimators|alpha|gamma|C|eta|dropout|batch_?size|bs|hidden|layers)[-_]?\d+(\.\d+)?(e-?\d+)?(?=[-_. ]|$)/;
/** A generic word and a number: `model_17`. */
const numbered = /^(model|net|network|weights|state|clf|classifier|estimator|regressor|policy|agent)[-_]?\d+$/i;
/** Keras' usual pattern, epoch and loss: `02-0.30`. */
const epochAndValue = /(?:^|[-_. ])(\d{1,5})-(\d+\.\d+)$/;

/** Name of a folder that holds one save: `epoch-3`, `checkpoint_500`. */
const folderMark = /^(epochs?|ep|steps?|global_?step|iter(?:ation)?s?|checkpoint|ckpt|fold|trial|seed)[-_.=]?\d+$/i;

/**
 * Returns true if the name of a file or of its folder marks one of several saves of a training, by epoch, by metric or by
 * hyperparameter.
 */
export function hasCheckpointMark(path: string): boolean {
  const stem = stemOf(basename(path));
  if (folderMark.test(basename(dirname(path)))) return true;
  const isMarked = [mark, searched, assigned, settings, numbered, epochAndValue].some((pattern) => pattern.test(stem));
  return isMarked || valuesInName(path).length > 0 || heldOutValue(path) !== null;
}

/** Returns true if a file's name contains the word `best`. */
export function hasBestMark(path: string): boolean {
  return /(^|[-_.])best([-_.]|$)/i.test(stemOf(basename(path)));
}

/** Returns the epoch or step in a file's name, else in its folder's name (`checkpoint-500`); null if neither has one. */
export function positionInName(path: string): { kind: 'epoch' | 'step'; value: number } | null {
  return positionIn(stemOf(basename(path))) ?? positionIn(basename(dirname(path)));
}

function positionIn(name: string): { kind: 'epoch' | 'step'; value: number } | null {
  const epoch = /(?:^|[-_.=+ ])(?:epochs?|ep)[-_=]?(\d+)/i.exec(name)?.[1] ?? epochAndValue.exec(name)?.[1];
  if (epoch !== undefined) return { kind: 'epoch', value: Number(epoch) };
  const step = /(?:^|[-_.=+ ])(?:global_?step|steps?|iter(?:ation)?s?|checkpoint|ckpt)[-_=]?(\d+)/i.exec(name)?.[1];
  return step === undefined ? null : { kind: 'step', value: Number(step) };
}

const decimal = /(?<![\d.])\d+\.\d+(?=[-_. ]|$)/g;
/** A metric at the end of a text, without the file's own words before it: `val_roc_auc` in `depth_epoch01_val_roc_auc`. */
const metricAtEnd =
  /(?:^|[-_. ,])((?:(?:train|val|valid|validation|eval|test|dev|holdout|oof)[-_/])?(?:(?:roc|pr|log|root|mean|average|squared|absolute|balanced|macro|micro|weighted|f1|dice|iou|bce|cross|mlm|box|cls|top\d)[-_])*[a-z][a-z0-9]*)[-_=]?$/i;
const validation = /^(val|valid|validation|holdout|oof)$/i;
/** Names of splits that count only beside an epoch: `churn-test-1.2` is a release. */
const evaluation = /^(eval|test|dev)$/i;

/** Returns the metrics in a name, `val_loss=0.26` or `val_acc-0.93`; only those whose direction is known. */
export function valuesInName(path: string): NamedValue[] {
  return measuredIn(path).filter(({ name }) => directionOf(name) !== null);
}

/** Returns the value in a name that does not say its metric, such as `02-0.30` or `epoch2_val0.30`; null for none. */
export function unnamedValue(path: string): RoundedValue | null {
  const found = epochAndValue.exec(stemOf(basename(path)))?.[2];
  return found === undefined ? heldOutValue(path) : rounded(found);
}

/** Returns the value in a name that says only that it was measured on held-out data, such as `epoch2_val0.30`; null for none. */
export function heldOutValue(path: string): NamedValue | null {
  const isAtEpoch = positionInName(path) !== null;
  return measuredIn(path).find(({ name }) => validation.test(name) || (isAtEpoch && evaluation.test(name))) ?? null;
}

/** Returns the decimal numbers in a name, each with the words before it that may name a metric. */
function measuredIn(path: string): NamedValue[] {
  const stem = stemOf(basename(path));
  return [...stem.matchAll(decimal)].flatMap(({ 0: text, index }) => {
    const name = metricAtEnd.exec(stem.slice(0, index))?.[1];
    return name === undefined ? [] : [{ name, ...rounded(text) }];
  });
}

/** A number as it is written in a name. `error`: the most that rounding may have changed it. */
export interface RoundedValue {
  value: number;
  error: number;
}

export interface NamedValue extends RoundedValue {
  name: string;
}

function rounded(text: string): RoundedValue {
  const digits = text.length - text.indexOf('.') - 1;
  return { value: Number(text), error: 0.51 * 10 ** -digits };
}

/** Differences between a log's epoch and the name's: logs and names count from 0 or from 1. */
const offsets = [0, -1];

/**
 * Returns the difference between a log's epochs and those in the names of saves, found by the values in the names; undefined if
 * no difference fits all of them.
 */
export function epochOffset(
  paths: readonly string[],
  metric: string,
  points: readonly (readonly [number | null, unknown, number])[],
): number | undefined {
  return offsets.find((offset) =>
    paths.every((path) => {
      const position = positionInName(path);
      const stated = valuesInName(path).find(({ name }) => name === metric) ?? unnamedValue(path);
      const logged = position && points.find(([step]) => step === position.value + offset)?.[2];
      return stated !== null && typeof logged === 'number' && Math.abs(logged - stated.value) <= stated.error;
    }),
  );
}

/**
 * Returns the step of the logs at which a save was made: the step in its name, or the epoch in its name if a value in the name
 * shows how the logs count. Null if neither is certain.
 */
export function logStepOf(
  path: string,
  series: Readonly<Record<string, readonly (readonly [number | null, unknown, number])[]>>,
): number | null {
  const position = positionInName(path);
  if (!position || position.kind === 'step') return position?.value ?? null;
  const named = valuesInName(path).map(({ name }) => name);
  const metrics = named.length > 0 ? named : Object.keys(series).filter((name) => directionOf(name) !== null);
  const offset = metrics
    .map((name) => epochOffset([path], name, series[name] ?? []))
    .find((found) => found !== undefined);
  return offset === undefined ? null : position.value + offset;
}
