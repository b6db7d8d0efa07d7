import { html, type TemplateResult } from 'lit';

/** Shows a name that may break after its separators, and nowhere within a word. */
export function breakable(name: string): TemplateResult {
  const parts = name.split(/(?<=[/_.=|-])/);
  return html`${parts.map((part, index) => (index === 0 ? part : html`<wbr />${part}`))}`;
}

/** Returns a text of at most so many characters: its beginning and its end, since the end of a name often says most. */
export function middleEllipsis(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${end === 0 ? '' : characters.slice(-end).join('')}`;
}
