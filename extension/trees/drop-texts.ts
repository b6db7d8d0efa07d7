/** A version or pointer that is dragged from a tree. */
export interface DraggedReference {
  /** Such as `models:/churn/7`. */
  uri: string;
  /** Python that loads it; null if it leads to another version later. */
  code: string | null;
}

/** Where references are dropped. */
export interface DropPlace {
  /** Language by the editor's id. */
  language: string;
  /** The line, and the offset in it. */
  line: string;
  character: number;
}

/** A text to insert, and what it is. */
export interface DropText {
  kind: 'uri' | 'code';
  text: string;
}

/**
 * Returns what may be inserted where references are dropped, the most likely first: in Python, code on an empty line and a quoted URI
 * elsewhere; in a text that is already quoted, and in other languages, the URI alone. Pure.
 */
export function dropTexts(dragged: readonly DraggedReference[], { language, line, character }: DropPlace): DropText[] {
  if (dragged.length === 0) return [];
  const isPlain = language !== 'python' || isQuoted(line.slice(0, character));
  const uris = dragged.map(({ uri }) => (isPlain ? uri.replaceAll(/[\r\n]/g, ' ') : JSON.stringify(uri)));
  const uri: DropText = { kind: 'uri', text: uris.join(isPlain ? ' ' : ', ') };
  const codes = dragged.flatMap(({ code }) => code ?? []);
  if (isPlain || codes.length === 0) return [uri];
  // The editor indents what is dropped like the line itself.
  const code: DropText = { kind: 'code', text: codes.join('\n').trimEnd() };
  return line.trim() === '' ? [code, uri] : [uri, code];
}

/** True if a quote is open at the end of a text. */
function isQuoted(text: string): boolean {
  let open = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '\\' && open !== '') at += 1;
    else if (open === letter) open = '';
    else if (open === '' && (letter === '"' || letter === "'")) open = letter;
    else if (open === '' && letter === '#') return false;
  }
  return open !== '';
}
