import type { Artifact, Model, Version } from '../../daemon/protocol/model.ts';
import { ageText, deltaText, numberText, rowFormat, sizeText } from '../../daemon/shared/format.ts';
import { metricOf, mostInformativeMetric, type Direction, type Metrics } from '../../daemon/shared/metrics.ts';
import { trainedAt } from '../../daemon/shared/version-time.ts';
import * as l10n from '@vscode/l10n';

/** Texts of tree rows. Pure; no VS Code here. */

/** Returns `auc 0.914`; empty when the metric was not measured. */
export function metricLabel(metrics: Metrics, name: string | null): string {
  const value = metricOf(metrics, name);
  return value === undefined ? '' : `${name} ${numberText(value)}`;
}

/** Returns `auc 0.908 · production v7 · 3 new`. The metric comes first, because the end is what a narrow view cuts. */
export function modelDescription(model: Model, fresh: number): string {
  const production = model.pointers.find(({ name, holder: held }) => name === 'production' && held !== null);
  const parts = [
    metricLabel(model.current?.metrics ?? {}, model.primaryMetric?.name ?? null),
    production ? `production v${production.holder}` : `v${model.latest ?? '–'}`,
    fresh > 0 ? l10n.t('{0} new', fresh) : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** How the values of a model's versions are written, so that they stand below one another. */
export interface VersionColumns {
  /** Digits of the longest version number. */
  digits: number;
  primary: Model['primaryMetric'];
  /** Returns the value with the decimals that all versions have, filled up to the same width. */
  value: (value: number | string | undefined) => string;
}

/** A space as wide as a digit. Labels in a tree cannot be aligned in another way. */
const figureSpace = '\u2007';

/** Lays out the values of a model's primary metric. */
export function versionColumns(versions: readonly Version[], primary: Model['primaryMetric']): VersionColumns {
  const values = versions.map(({ metrics }) => metricOf(metrics, primary?.name ?? null));
  const format = rowFormat(values.filter((value) => typeof value === 'number'));
  const text = (value: number | string | undefined): string =>
    value === undefined ? '–' : typeof value === 'number' ? format(value) : value;
  const width = Math.max(0, ...values.map((value) => text(value).length));
  return {
    digits: Math.max(0, ...versions.map(({ number }) => String(number).length)),
    primary,
    value: (value) => text(value).padStart(width, figureSpace),
  };
}

/**
 * Returns `0.914 ▲ +0.006 · staging · 2 h ago`: the value first, because the end is what a narrow view cuts. ▲ is better than the version before,
 * ▼ is worse; the sign is the direction. The metric's name stands on the model's row.
 */
export function versionDescription(
  version: Version,
  before: Version | undefined,
  now: number,
  columns: VersionColumns,
): string {
  const { primary, digits } = columns;
  const indent = figureSpace.repeat(Math.max(0, digits - String(version.number).length));
  const parts = [
    primary === null ? '' : primaryText(version, before, columns, primary),
    version.stage === 'development' ? '' : version.stage,
    version.aliases.map((alias) => `@${alias}`).join(' '),
    ageText(trainedAt(version), now),
  ];
  return indent + parts.filter((part) => part !== '').join(' · ');
}

function primaryText(
  { metrics }: Version,
  before: Version | undefined,
  columns: VersionColumns,
  { name, direction }: NonNullable<Model['primaryMetric']>,
): string {
  const value = metricOf(metrics, name);
  return columns.value(value) + changeText(value, metricOf(before?.metrics ?? {}, name), direction);
}

type Value = number | string | undefined;

/** Returns ` ▲ +0.006`, without an arrow when it is not known which way is better; empty when the value did not change or is not known. */
export function changeText(value: Value, earlier: Value, direction: Direction | null): string {
  if (typeof value !== 'number' || typeof earlier !== 'number' || value === earlier) return '';
  const trend = trendOf(value, earlier, direction);
  return ` ${trend === null ? '' : trend === 'better' ? '▲ ' : '▼ '}${deltaText(value - earlier)}`;
}

/** Says whether a value is better or worse than an earlier one; null if equal or not known. */
export function trendOf(value: Value, earlier: Value, direction: Direction | null): 'better' | 'worse' | null {
  if (typeof value !== 'number' || typeof earlier !== 'number' || value === earlier || direction === null) return null;
  return value > earlier === (direction === 'higher') ? 'better' : 'worse';
}

export function candidateDescription(artifact: Artifact, now: number, primary: string | null = null): string {
  const isMeasured = primary !== null && metricOf(artifact.metrics, primary) !== undefined;
  const name = isMeasured ? primary : mostInformativeMetric(artifact.metrics);
  return [metricLabel(artifact.metrics, name), sizeText(artifact.size), ageText(artifact.seenAt, now)]
    .filter((part) => part !== '')
    .join(' · ');
}
