import { html, nothing, type TemplateResult } from 'lit';

type Part = TemplateResult | typeof nothing;

/** The head of a page: one line with its title, what it is, and what can be done with it. At most one button is primary. */
export function pageHeader(
  title: string | TemplateResult,
  badges: readonly (Part | string)[],
  acts: readonly Part[],
): TemplateResult {
  return html`<header class="line-header">
    <h1 title=${typeof title === 'string' ? title : nothing}>${title}</h1>
    <div class="badges">${badges.map((one) => (typeof one === 'string' ? textBadge(one) : one))}</div>
    <div class="acts">${acts}</div>
  </header>`;
}

function textBadge(text: string): Part {
  return text === '' ? nothing : html`<span>${text}</span>`;
}

/** Shows a short state, such as a stage. `kind` is a class: `good`, `bad`, or none. */
export function badge(text: string, kind: 'good' | 'bad' | 'stage' | '' = '', title = ''): TemplateResult {
  return html`<span class=${`badge ${kind}`} title=${title === '' ? nothing : title}>${text}</span>`;
}

/** Names parts of a page that are empty in one line: `Empty: staging, Comments`. */
export function emptyLine(label: string, names: readonly string[]): Part {
  if (names.length === 0) return nothing;
  return html`<p class="count empty-line">${label} ${names.join(', ')}</p>`;
}

/** A small button with a sign, and its meaning as tooltip. */
export function iconButton(sign: string, label: string, act: () => void): TemplateResult {
  return html`<button class="icon" title=${label} aria-label=${label} @click=${act}>${sign}</button>`;
}
