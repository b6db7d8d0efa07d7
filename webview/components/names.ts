import { html, type TemplateResult } from 'lit';

/** Shows a name that may break after its separators, and nowhere within a word. */
export function breakable(name: string): TemplateResult {
  const parts = name.split(/(?<=[/_.=|-])/);
  return html`${parts.map((part, index) => (index === 0 ? part : html`<wbr />${part}`))}`;
}

const segmenter = new Intl.Segmenter();
const maxText = 1000;

/** Returns a text of at most so many characters. The middle is left out, because both ends of a path tell it apart. */
export function middleEllipsis(text: string, most: number): string {
  const ends = text.length > maxText ? text.slice(0, maxText / 2) + text.slice(-maxText / 2) : text;
  const characters = Array.from(segmenter.segment(ends), ({ segment }) => segment);
  if (characters.length <= most) return text;
  const end = Math.ceil((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}
