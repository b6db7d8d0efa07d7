import type { TemplateResult } from 'lit';
import type { Column } from './columns.ts';

/** A table whose rows can be sorted, filtered and selected. Of a long one only the rows in view are drawn. */
export interface TableModel<Row> {
  label: string;
  rows: readonly Row[];
  /** All columns that can be shown; the first one names the row and is always shown. */
  columns: readonly Column<Row>[];
  /** Keys of the columns that are shown until a person chooses others. */
  usual: readonly string[];
  keyOf(row: Row): string;
  /** What the check box selects; the row has none if it is empty. */
  nameOf(row: Row): string;
  /** The heading under which a row stands while nobody sorts. */
  groupOf?(row: Row): string;
  /** What a row shows below it when a person opens it, and how high that is; undefined for a row with nothing more. */
  detailOf?(row: Row): { content: TemplateResult; height: number } | undefined;
  /** The order of these headings. */
  groups?: readonly string[];
  /** Headings whose rows are hidden until a person opens them. */
  closedGroups?: readonly string[];
  /** Returns the rows that a text asks for, or the problem with that text in a sentence. */
  filter(rows: readonly Row[], text: string): Filtered<Row>;
  /** An example of what can be written there. */
  filterExample: string;
  /** Names the tables whose width of the name column is the same and remembered, such as those of a model. */
  keptAs: string;
  /** Context for VS Code's context menu. */
  menuOf?(row: Row): string;
}

export type Filtered<Row> = { rows: readonly Row[] } | { problem: string };
