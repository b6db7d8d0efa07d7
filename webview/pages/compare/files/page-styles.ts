/** A page without its style elements, and what was in them. */
export interface TakenStyles {
  text: string;
  styles: string;
}

/** Takes the style elements out of an HTML text, in time linear in its length whatever it contains. Pure. */
export function takeStyles(html: string): TakenStyles {
  const opening = /<style\b[^<>]*>/gi;
  const closing = /<\/style\s*>/gi;
  const [kept, styles]: [string[], string[]] = [[], []];
  let at = 0;
  for (let start = opening.exec(html); start; start = opening.exec(html)) {
    closing.lastIndex = opening.lastIndex;
    const end = closing.exec(html);
    // Without an end here there is none behind a later style either, so nobody looks for one again.
    if (!end) break;
    kept.push(html.slice(at, start.index));
    styles.push(html.slice(opening.lastIndex, end.index));
    at = closing.lastIndex;
    opening.lastIndex = at;
  }
  return { text: [...kept, html.slice(at)].join(''), styles: styles.join('\n') };
}
