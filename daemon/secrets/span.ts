/** A part of a text to remove, `[start, end)`. */
export interface Span {
  start: number;
  end: number;
  /** Replacement; by default `mark`. */
  by?: string;
}

/** Replacement of a secret. */
export const mark = '[redacted]';

/**
 * Returns a text without the parts. A part of several lines keeps its line breaks, indentation and a diff's `+` or `-`, so that
 * the text keeps its form.
 */
export function withoutSpans(text: string, spans: readonly Span[], isDiff: boolean): string {
  if (spans.length === 0) return text;
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, by } of merged(spans)) {
    pieces.push(text.slice(at, start), by ?? marked(text.slice(start, end), isDiff));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (!last || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { start: last.start, end: span.end };
  }
  return result;
}

function marked(part: string, isDiff: boolean): string {
  const [first = '', ...rest] = part.split('\n');
  const lines = rest.map((line) => {
    const before = (isDiff ? /^[+\- ]?[ \t]*/ : /^[ \t]*/).exec(line)?.[0] ?? '';
    return before.length === line.length ? line : before + mark;
  });
  return [first === '' ? '' : mark, ...lines].join('\n');
}
