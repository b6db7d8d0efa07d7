import * as l10n from '@vscode/l10n';
import type { Version } from '../../../daemon/protocol/model.ts';
import { metricOf, type Direction } from '../../../daemon/shared/metrics.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { openComparison } from '../../components/layout/links.ts';
import type { MenuItem } from '../../components/layout/menu.ts';
import type { ModelView } from '../../protocol.ts';
import { comparedReferences, productionOf } from './compared-references.ts';

/** Returns the comparisons that need no selection, or one version only. */
export function comparisonItems(
  { model, versions }: Pick<ModelView, 'model' | 'versions'>,
  chosen: ReadonlySet<number>,
): MenuItem[] {
  const refer = (number: number): string => referenceTo(model.name, number);
  const production = productionOf(model);
  const best = bestVersion(versions, model.primaryMetric?.name ?? null, model.primaryMetric?.direction ?? null);
  const subjects = chosen.size > 0 ? [...chosen] : model.latest === null ? [] : [model.latest];
  const against = (base: number): string[] => [base, ...subjects.filter((number) => number !== base)].map(refer);
  const what = chosen.size > 0 ? l10n.t('selected') : l10n.t('latest');
  const recent = versions.slice(0, 10).map(({ number }) => number);
  const items: (MenuItem | false)[] = [
    production !== null &&
      against(production).length > 1 && {
        label: l10n.t('Production and {0}', what),
        act: () => openComparison(against(production)),
      },
    best !== undefined &&
      against(best).length > 1 && {
        label: l10n.t('Best (v{0}) and {1}', best, what),
        act: () => openComparison(against(best)),
      },
    recent.length > 1 && {
      label: l10n.t('Last {0} versions', recent.length),
      act: () => openComparison(comparedReferences(model, recent)),
    },
  ];
  return items.filter((item) => item !== false);
}

/** Returns the version with the best value of a metric; undefined if it is not known which value is better. */
function bestVersion(
  versions: readonly Version[],
  metric: string | null,
  direction: Direction | null,
): number | undefined {
  if (direction === null) return undefined;
  const values = versions.flatMap(({ number, metrics }) => {
    const value = metricOf(metrics, metric);
    return typeof value === 'number' && Number.isFinite(value) ? [{ number, value }] : [];
  });
  const sign = direction === 'lower' ? 1 : -1;
  return values.toSorted((a, b) => (a.value - b.value) * sign)[0]?.number;
}
