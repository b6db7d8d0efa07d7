import * as l10n from '@vscode/l10n';
import type { Comparison } from '../../../../daemon/protocol/comparison.ts';
import type { LineGroups } from '../../../components/charts/group-lines.ts';
import type { CompareLook } from '../look.ts';
import type { TableRow } from '../matrix.ts';
import type { ColumnHead } from '../rows.ts';
import { groupableParams, groupByParam, groupRow, type VersionGroup } from './param-groups.ts';

/** The compared versions, joined by a param: what metrics and curves are drawn from instead of the versions. */
export interface Grouped {
  groups: readonly VersionGroup[];
  /** One for each group, with its versions as `members`. */
  columns: readonly ColumnHead[];
  metrics: readonly TableRow[];
  lines: LineGroups;
}

/** Returns the versions grouped by the chosen param; undefined if none is chosen, or the versions cannot be grouped by it. */
export function groupColumns(
  { params, metrics }: Comparison,
  columns: readonly ColumnHead[],
  { group, excluded }: Pick<CompareLook, 'group' | 'excluded'>,
): Grouped | undefined {
  const places = columns.map(({ place }) => place).filter((place) => !excluded.has(place));
  const row = params.find(({ name }) => name === group);
  if (!row || !groupableParams([row], places).includes(row.name)) return undefined;
  const groups = groupByParam(row, places);
  const groupOf = columns.map(({ place }) => {
    const at = groups.findIndex((one) => one.places.includes(place));
    return at < 0 ? null : at;
  });
  return {
    groups,
    columns: groups.map(({ label, places: of }, place) => ({
      reference: label,
      label,
      number: null,
      isProduction: of.some((one) => columns[one]?.isProduction),
      place,
      colourPlace: place,
      note: l10n.t('{0} versions', of.length),
      members: of.flatMap((one) => columns[one] ?? []),
    })),
    metrics: metrics.map((one) => groupRow(one, groups)),
    lines: { labels: groups.map(({ label }) => label), groupOf },
  };
}
