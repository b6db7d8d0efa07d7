import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ComparePart } from '../part.ts';
import { groupableParams } from './param-groups.ts';

/**
 * Shows the params by which the versions can be grouped; nothing if there are none. The page has it twice, so options are selected by
 * their property: the attribute does nothing in a list in which a person once chose.
 */
export function groupSelect({ view, columns, look, change }: ComparePart): TemplateResult | typeof nothing {
  const places = columns.map(({ place }) => place).filter((place) => !look.excluded.has(place));
  const names = groupableParams(view.comparison.params, places);
  if (names.length === 0) return nothing;
  const choose = (event: Event): void =>
    change({ group: (event.target as HTMLSelectElement).value || null, kind: null });
  return html`<label class="group-by"
    >${l10n.t('Group by')}
    <select @change=${choose}>
      <option value="" .selected=${look.group === null}>${l10n.t('nothing')}</option>
      ${names.map((name) => html`<option value=${name} .selected=${name === look.group}>${name}</option>`)}
    </select></label
  >`;
}
