import { cleanText } from '../../../shared/clean-text.ts';

/** Escapes every text and key of a reply. Names, metrics and comments come from files and are untrusted. */
export function clean<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleaned(inner)]));
}

/** Joins the lines of a text, for a table cell. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
