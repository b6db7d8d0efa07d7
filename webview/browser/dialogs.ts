import { html, type TemplateResult } from 'lit';
import type { Pointer, Run, Version } from '../../daemon/protocol/model.ts';
import type { Receipt } from '../../daemon/protocol/routes/pointers.ts';
import { pointerText, currentVersionText } from '../../daemon/shared/event-text.ts';
import { arrivalText, rollbackChoices, type RollbackChoice } from '../../daemon/shared/review/rollback-choices.ts';
import { pointerRefOf, referenceTo, runReference, splitReference } from '../../daemon/shared/references.ts';
import * as l10n from '@vscode/l10n';
import { plainText } from '../components/text.ts';
import { ask, notify } from './prompt.ts';
import { askPastGates, gateReportIn } from './approvals.ts';
import { call } from './connection.ts';
import './promotion-review.ts';
import type { Promotion } from './promotion-review.ts';

/** Moves in which the reasons of previous versions are looked for. */
const maxMoves = 500;

function reportReceipt(receipt: Receipt, isRollback = false): void {
  const names = [receipt.model, pointerText(receipt), currentVersionText(receipt.to), currentVersionText(receipt.from)];
  const text = isRollback
    ? l10n.t('Rolled back {0} {1} to {2} (was {3}); checksum verified.', ...names)
    : l10n.t('{0} {1} is now {2} (was {3}).', ...names);
  const undo = async (): Promise<void> => {
    await call('POST /undo', { seq: receipt.seq }).then(
      () => notify(l10n.t('Undone.')),
      (error: unknown) => notify(String(error)),
    );
  };
  notify(text, receipt.changed ? l10n.t('Undo') : '', () => void undo());
}

/** Asks for the stage or alias and the reason, and shows what the promotion means. */
async function askPromotion(
  reference: string,
): Promise<{ chosen: string; reason: string; holder: number | null } | undefined> {
  const { model, version = '' } = splitReference(reference);
  const { pointers, places } = await call('GET /models/:model', { model });
  const currentVersionOf = (label: string): number | null =>
    pointers.find((pointer) => pointerText(pointer) === label)?.holder ?? null;
  const promotionTo = (label: string): Promotion => ({
    model,
    number: version,
    pointer: pointerRefOf(label),
    holder: currentVersionOf(label),
  });
  const review = (event: Event): void => {
    const shown = (event.target as HTMLElement).closest('form')?.querySelector('plinth-promotion-review');
    if (shown) Object.assign(shown, { of: promotionTo((event.target as HTMLSelectElement).value) });
  };
  const labels = places.map(pointerText);
  const usual = labels.find((label) => label === 'production') ?? labels[0] ?? '';
  const answer = await ask(
    l10n.t('Promote {0}', reference),
    html`<label
        >${l10n.t('Stage or alias')}
        <select name="place" autofocus @change=${review}>
          ${labels.map((label) => html`<option value=${label} ?selected=${label === usual}>${label} (${currentVersionText(currentVersionOf(label))})</option>`)}
        </select></label
      >
      <label>${l10n.t('Or new alias')} <input name="alias" maxlength="100" /></label>
      <plinth-promotion-review .of=${promotionTo(usual)}></plinth-promotion-review>
      <label>${l10n.t('Reason (optional)')} <input name="reason" maxlength="1000" /></label>`,
    l10n.t('Promote'),
  );
  if (!answer) return undefined;
  const text = (name: string): string => plainText(answer.get(name)).trim();
  const chosen = text('alias') === '' ? text('place') : `@${text('alias').replace(/^@/, '')}`;
  return { chosen, reason: text('reason'), holder: currentVersionOf(chosen) };
}

/** Promotes to a stage or moves an alias. Refused when somebody else moved it after the dialog was shown. */
export async function promote(reference: string, isAdmin: boolean): Promise<void> {
  const { model, version = '' } = splitReference(reference);
  const asked = await askPromotion(reference);
  if (!asked) return;
  const { kind, name } = pointerRefOf(asked.chosen);
  const request = { model, version, [kind]: name, reason: asked.reason, expect: asked.holder };
  const send = (more: { bypass?: true; reason?: string }): Promise<Receipt> =>
    call('POST /models/:model/versions/:version/promote', { ...request, ...more });
  try {
    reportReceipt(await send({}));
  } catch (error) {
    const report = gateReportIn(error);
    if (!report) throw error;
    const why = await askPastGates(report, request.reason, isAdmin);
    if (why !== undefined) reportReceipt(await send({ bypass: true, reason: why }));
  }
}

/** Lets a person choose the version to restore, each with when, by whom and why it came. */
export async function rollBack(model: string, pointer: Pointer): Promise<void> {
  const { kind, name, holder } = pointer;
  const { items } = await call('GET /audit', { model, action: 'pointer.moved', limit: maxMoves });
  const choices = rollbackChoices(pointer, items);
  if (choices.length === 0) return notify(l10n.t('Nothing to roll back: no previous version recorded.'));
  const option = (choice: RollbackChoice, index: number): TemplateResult =>
    html`<label class="choice"
      ><input type="radio" name="to" value=${`v${choice.number}`} ?checked=${index === 0} ?autofocus=${index === 0} />
      <span>v${choice.number} <small>${arrivalText(choice, Date.now())}</small></span></label
    >`;
  const answer = await ask(
    l10n.t('Roll back {0} {1}', model, name),
    html`<p>
        ${l10n.t('Current version: v{0}.', holder ?? '–')} ${l10n.t('The files of the version are verified first.')}
      </p>
      <fieldset>
        <legend>${l10n.t('Version to restore')}</legend>
        ${choices.map(option)}
      </fieldset>
      <label>${l10n.t('Reason (optional)')} <input name="reason" maxlength="1000" /></label>`,
    l10n.t('Roll Back'),
  );
  if (!answer) return;
  const [to, reason] = [plainText(answer.get('to')), plainText(answer.get('reason'))];
  const request = { model, [kind]: name, to, reason, expect: holder };
  reportReceipt(await call('POST /models/:model/rollback', request), true);
}

export async function pickVersion(versions: readonly Version[], runs: readonly Run[]): Promise<string | undefined> {
  const answer = await ask(
    l10n.t('Add Version'),
    html`<label
      >${l10n.t('Version')}
      <select name="version" autofocus>
        ${runs.map(({ folder }) => html`<option value=${runReference(folder)}>${l10n.t('live run')} · ${folder}</option>`)}
        ${versions.map(({ model, number, stage }) => html`<option value=${referenceTo(model, number)}>v${number} · ${stage}</option>`)}
      </select></label
    >`,
    l10n.t('Add'),
  );
  const chosen = answer?.get('version');
  return typeof chosen === 'string' ? chosen : undefined;
}

/** Shows the text of the card, to edit and save. */
export async function editCard(model: string): Promise<void> {
  const { text } = await call('GET /models/:model/card', { model });
  const content = html`<label
    >${l10n.t('Markdown')} <textarea name="text" rows="24" cols="80" .value=${text}></textarea>
  </label>`;
  const answer = await ask(l10n.t('Card of {0}', model), content, l10n.t('Save'));
  const written = answer?.get('text');
  if (typeof written === 'string') await call('POST /models/:model/card', { model, text: written });
}

/** Sets or removes one tag of a version. */
export async function editTags(reference: string): Promise<void> {
  const { model, version = '' } = splitReference(reference);
  const { version: now } = await call('GET /models/:model/versions/:version', { model, version });
  const known = Object.entries(now.tags).map(([key, value]) => `${key}=${value}`);
  const content = html`${known.length === 0 ? '' : html`<p><small>${known.join(' · ')}</small></p>`}
    <label>${l10n.t('Tag')} <input name="key" maxlength="200" required autofocus /></label>
    <label>${l10n.t('Value (empty removes the tag)')} <input name="value" maxlength="1000" /></label>`;
  const answer = await ask(l10n.t('Tags of {0}', reference), content, l10n.t('Save'));
  if (!answer) return;
  const [key, value] = [plainText(answer.get('key')).trim(), plainText(answer.get('value')).trim()];
  await call('POST /models/:model/versions/:version/tag', { model, version, key, value: value === '' ? null : value });
}

export async function showText(title: string, text: string): Promise<void> {
  await ask(title, html`<pre tabindex="0">${text}</pre>`, l10n.t('Close'));
}
