import type { TemplateResult, nothing } from 'lit';
import * as l10n from '@vscode/l10n';
import { host } from '../host.ts';
import { moreMenu, type MenuItem } from '../layout/menu.ts';
import { csvTable } from '../text.ts';
import { pngOf } from './standalone-svg.ts';

/** What every chart offers besides its drawing, whatever it is drawn with. */
export interface ChartContent {
  /** Names the chart and the files that are saved of it. */
  name: string;
  /** Its values, the first row is the head. */
  rows(): string[][];
  /** Returns the drawing as standalone SVG text; undefined while nothing is drawn. */
  svg(): string | undefined;
  /** The drawing itself, where it is a canvas; else a PNG is made of the SVG. */
  canvas?(): HTMLCanvasElement | null;
}

interface ChartTable {
  isShown: boolean;
  show(isShown: boolean): void;
}

/** The menu of a chart: shows it as a table, and saves it as picture, drawing or table. `more` come first. */
export function chartMenu(
  content: ChartContent,
  table: ChartTable,
  more: readonly MenuItem[] = [],
): TemplateResult | typeof nothing {
  const label = table.isShown ? l10n.t('Show as chart') : l10n.t('Show as table');
  const items: (MenuItem | false)[] = [
    ...more,
    { label, act: () => table.show(!table.isShown) },
    !table.isShown && { label: l10n.t('Save as PNG…'), act: () => void savePicture(content) },
    !table.isShown && { label: l10n.t('Save as SVG…'), act: () => saveDrawing(content) },
    { label: l10n.t('Save as CSV…'), act: () => saveTable(content) },
  ];
  return moreMenu(
    items.filter((item) => item !== false),
    l10n.t('More actions for {0}', content.name),
  );
}

function saveTable({ name, rows }: ChartContent): void {
  host.post({ kind: 'save', name: `${name}.csv`, type: 'text/csv', content: csvTable(rows()) });
}

function saveDrawing({ name, svg }: ChartContent): void {
  const content = svg();
  if (content !== undefined) host.post({ kind: 'save', name: `${name}.svg`, type: 'image/svg+xml', content });
}

async function savePicture({ name, svg, canvas }: ChartContent): Promise<void> {
  const drawn = canvas?.();
  const text = drawn ? undefined : svg();
  const content = drawn ? await pngOf(drawn) : text === undefined ? undefined : await pngOf(text);
  if (content) host.post({ kind: 'save', name: `${name}.png`, type: 'image/png', content });
}
