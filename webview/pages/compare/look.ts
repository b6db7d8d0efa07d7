import type { nothing, TemplateResult } from 'lit';
import type { Kind } from './matrix.ts';

/** What the comparison page needs besides its view. */
export interface CompareLook {
  only: boolean;
  setOnly(only: boolean): void;
  canChange: boolean;
  editor: boolean;
  curves: TemplateResult | typeof nothing;
  norms: TemplateResult | typeof nothing;
  /** Places of versions whose curves are not drawn. */
  hidden: ReadonlySet<number>;
  toggleHidden(place: number): void;
  /** The rows of metrics that a chosen count stands for; null for all. */
  kind: Kind | null;
  choose(kind: Kind | null): void;
}
