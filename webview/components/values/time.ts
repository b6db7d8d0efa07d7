import { html, type TemplateResult } from 'lit';
import { ageText, exactTimeText } from '../../../daemon/shared/format.ts';

/** Shows a time as an age, or as a day if it is long ago. The exact time in this computer's zone is its tooltip. */
export function timeElement(at: number): TemplateResult {
  return html`<time datetime=${new Date(at).toISOString()} title=${exactTimeText(at)}>${shortTime(at)}</time>`;
}

/** Returns a time as `timeElement` shows it, for texts such as labels of a chart. */
export function shortTime(at: number): string {
  return ageText(at, Date.now(), document.documentElement.lang || undefined);
}
