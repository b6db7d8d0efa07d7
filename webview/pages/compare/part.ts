import type { CompareView } from '../../protocol.ts';
import type { Grouped } from './groups/grouped.ts';
import type { CompareLook } from './look.ts';
import type { TableRow } from './matrix.ts';
import type { ColumnHead } from './rows.ts';

/** What each part of the comparison page is drawn from. */
export interface ComparePart {
  view: CompareView;
  /** References of the versions, the baseline first. */
  versions: readonly string[];
  columns: readonly ColumnHead[];
  /** The versions joined by a param, when one is chosen. */
  grouped: Grouped | undefined;
  /** Metrics that come first: the pinned ones, or the primary one. */
  leading: readonly string[];
  /** The row of the metric that stands for the compared model; undefined for none. */
  primary: TableRow | undefined;
  look: CompareLook;
  change(part: Partial<CompareLook>): void;
  /** Places of versions whose curves are not drawn. */
  hidden: ReadonlySet<number>;
  setHidden(hidden: ReadonlySet<number>): void;
  matches: (name: string) => boolean;
  canChange: boolean;
  editor: boolean;
}
