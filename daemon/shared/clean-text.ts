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
