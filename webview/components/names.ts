import { html, type TemplateResult } from 'lit';

/** Shows a name that may break after its separators, and nowhere within a word. */
export function breakable(name: string): TemplateResult {
  const parts = name.split(/(?<=[/_.=|-])/);
  return html`${parts.map((part, index) => (index === 0 ? part : html`<wbr />${part}`))}`;
}
