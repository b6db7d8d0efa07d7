/** Control characters (C0 without line ends and tabs, DEL, C1) and characters that reorder text. */
const unsafe = new RegExp(
  String.raw`(?![\t\n])[\u0000-\u001f\u007f-\u009f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`,
  'gu',
);

/** Escapes the characters that could control a terminal, as `\x1b` or `\u202e`. */
export function cleanText(text: string): string {
  return text.replace(unsafe, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

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
