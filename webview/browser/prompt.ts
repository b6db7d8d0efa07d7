import { html, render, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';

/**
 * Asks in a native dialog of the browser, so that Escape, focus and screen readers work. Returns undefined when it was dismissed;
 * `act` in the answer is `yes` or the value of another button.
 */
export async function ask(
  title: string,
  content: TemplateResult,
  accept: string,
  further: readonly { value: string; label: string }[] = [],
): Promise<FormData | undefined> {
  const dialog = document.createElement('dialog');
  document.body.append(dialog);
  // The colours that the page takes from the theme are variables of its own.
  dialog.style.cssText = document.querySelector<HTMLElement>('plinth-page')?.style.cssText ?? '';
  render(
    html`<form method="dialog" aria-labelledby="dialog-title">
      <h2 id="dialog-title">${title}</h2>
      ${content}
      <div class="acts">
        <button type="submit" value="yes" class="primary">${accept}</button>
        ${further.map(({ value, label }) => html`<button type="submit" value=${value}>${label}</button>`)}
        <button type="submit" value="no" formnovalidate>${l10n.t('Cancel')}</button>
      </div>
    </form>`,
    dialog,
  );
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  const form = dialog.querySelector('form');
  const act = dialog.returnValue;
  const answer = form && act !== '' && act !== 'no' ? new FormData(form) : undefined;
  answer?.set('act', act);
  dialog.remove();
  return answer;
}

/** Shows one line at the bottom, with at most one button. The next message replaces it. */
export function notify(text: string, label = '', act: () => void = () => undefined): void {
  const area = document.querySelector('#told');
  if (!(area instanceof HTMLElement)) return;
  const undo = label === '' ? '' : html`<button class="primary" @click=${act}>${label}</button>`;
  render(
    html`<span>${text}</span> ${undo}
      <button class="link" aria-label=${l10n.t('Close')} @click=${() => render('', area)}>×</button>`,
    area,
  );
}
