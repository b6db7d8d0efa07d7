/** Reads a document with `‸` at the caret. Returns its text and the offset of the caret in UTF-16 units. Throws when there is no caret. */
export function marked(source: string): { text: string; caret: number } {
  const caret = source.indexOf('‸');
  if (caret < 0) throw new Error('the document marks no caret');
  return { text: source.replace('‸', ''), caret };
}
