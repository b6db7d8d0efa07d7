import type { Artifact, Model, Version } from '../../daemon/protocol/model.ts';
import { ageText, deltaText, numberText, sizeText } from '../../daemon/shared/format.ts';
import { metricOf, mostInformativeMetric, type Direction, type Metrics } from '../../daemon/shared/metrics.ts';
import * as l10n from '@vscode/l10n';

/** Texts of tree rows. Pure; no VS Code here. */

/** Returns `auc 0.914`; empty when the metric was not measured. */
export function metricLabel(metrics: Metrics, name: string | null): string {
  const value = metricOf(metrics, name);
  return value === undefined ? '' : `${name} ${numberText(value)}`;
}

/** Returns `production v7 · auc 0.908 · 3 new`. */
export function modelDescription(model: Model, fresh: number): string {
  const production = model.pointers.find(({ name, holder: held }) => name === 'production' && held !== null);
  const parts = [
    production ? `production v${production.holder}` : `v${model.latest ?? '–'}`,
    metricLabel(model.current?.metrics ?? {}, model.primaryMetric?.name ?? null),
    fresh > 0 ? l10n.t('{0} new', fresh) : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Returns `staging · auc 0.914 ▲ +0.006 · 2 h ago`. ▲ is better than the version before, ▼ is worse; the sign is the direction. */
export function versionDescription(
  version: Version,
  before: Version | undefined,
  now: number,
  primary: Model['primaryMetric'],
): string {
  const name = primary?.name ?? null;
  const metric = metricLabel(version.metrics, name);
  const change = changeText(
    metricOf(version.metrics, name),
    metricOf(before?.metrics ?? {}, name),
    primary?.direction ?? null,
  );
  const parts = [
    version.stage === 'development' ? '' : version.stage,
    version.aliases.map((alias) => `@${alias}`).join(' '),
    metric === '' ? '' : `${metric}${change}`,
    ageText(version.createdAt, now),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** Returns ` ▲ +0.006`, without an arrow when it is not known which way is better; empty when the value did not change or is not known. */
function changeText(
  value: number | string | undefined,
  earlier: number | string | undefined,
  direction: Direction | null,
): string {
  if (typeof value !== 'number' || typeof earlier !== 'number' || value === earlier) return '';
  const isBetter = direction === null ? null : value > earlier === (direction === 'higher');
  return ` ${isBetter === null ? '' : isBetter ? '▲ ' : '▼ '}${deltaText(value - earlier)}`;
}

export function candidateDescription(artifact: Artifact, now: number, primary: string | null = null): string {
  const isMeasured = primary !== null && metricOf(artifact.metrics, primary) !== undefined;
  const name = isMeasured ? primary : mostInformativeMetric(artifact.metrics);
  return [metricLabel(artifact.metrics, name), sizeText(artifact.size), ageText(artifact.seenAt, now)]
    .filter((part) => part !== '')
    .join(' · ');
}
