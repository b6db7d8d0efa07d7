import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import * as l10n from '@vscode/l10n';
import type { Column } from './columns.ts';

interface ColumnActions {
  show(keys: readonly string[]): void;
  sort(column: Column<unknown>): void;
}

/** Lets a person choose the columns of a table. Sorting by one that is not shown brings it. */
export function columnMenu(
  columns: readonly Column<unknown>[],
  shown: ReadonlySet<string>,
  { show, sort }: ColumnActions,
): TemplateResult {
  const turn = (key: string): void => {
    const next = shown.has(key) ? [...shown].filter((one) => one !== key) : [...shown, key];
    show(next);
  };
  const find = (event: Event): void => {
    const { value, parentElement } = event.target as HTMLInputElement;
    for (const row of parentElement?.querySelectorAll('li') ?? [])
      row.hidden = !(row.dataset['name'] ?? '').includes(value.toLowerCase());
  };
  return html`<details class="more columns">
    <summary>${l10n.t('Columns')}</summary>
    <div class="menu">
      <input type="search" placeholder=${l10n.t('Find column')} aria-label=${l10n.t('Find column')} @input=${find} />
      <ul>
        ${repeat(
          columns,
          ({ key }) => key,
          (column) =>
            html`<li data-name=${column.title.toLowerCase()}>
              <label title=${column.title}
                ><input type="checkbox" .checked=${shown.has(column.key)} @change=${() => turn(column.key)} />
                <span>${column.title}</span></label
              >
              <button class="link" title=${l10n.t('Sort by {0}', column.title)} @click=${() => sort(column)}>⇅</button>
            </li>`,
        )}
      </ul>
    </div>
  </details>`;
}
