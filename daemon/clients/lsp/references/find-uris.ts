import type { ModelReference, Selector } from './reference.ts';

export const scheme = 'models:/';

const maxNameLength = 250;
/** A name without quotes. A template (`models:/{name}/3`, `models:/$NAME/3`) is none. */
const bareName = /[^\s/@"'`()[\]{}<>,;|\\$%*#?&=:]{1,250}/y;
const quotedName = /[^\n\r/@"'`{}<>|\\$%*:]{1,250}/y;
/** A quoted name with `@`, which MLflow reads up to the `/` or the last `@`. */
const nameWithAt = /[^\n\r/"'`{}<>|$%*:]{1,250}(?=\/|@[\p{L}\p{N}_-]{1,100}["'`])/uy;
const selectorPattern = /[\p{L}\p{N}_.-]{1,100}/uy;
const template = /[{$%<*]/;
/** MLflow's ids of logged models, which are no names: `models:/m-0123…`. */
const loggedModel = /^m-[0-9a-f]{32}$/;
const wordBefore = /[\p{L}\p{N}_]$/u;

/** Returns every `models:/…` in a text, at most `most`, in order. Takes linear time. Pure. */
export function findUris(text: string, most: number): ModelReference[] {
  const found: ModelReference[] = [];
  for (let at = text.indexOf(scheme); at >= 0 && found.length < most; at = text.indexOf(scheme, at + scheme.length)) {
    const reference = wordBefore.test(text.slice(Math.max(0, at - 1), at)) ? undefined : readUri(text, at);
    if (reference) found.push(reference);
  }
  return found;
}

function readUri(text: string, start: number): ModelReference | undefined {
  const modelStart = start + scheme.length;
  const quote = text[start - 1] ?? '';
  const model = nameAt(text, modelStart, quote);
  if (model === undefined || loggedModel.test(model)) return undefined;
  const modelEnd = modelStart + model.length;
  const separator = text[modelEnd] ?? '';
  if (template.test(separator)) return undefined;
  const bare = { form: 'uri', start, model, modelStart, modelEnd } as const;
  if (separator !== '/' && separator !== '@')
    return { ...bare, end: modelEnd, selector: { kind: 'none' }, selectorStart: modelEnd, selectorEnd: modelEnd };
  const selectorStart = modelEnd + 1;
  const word = matchAt(selectorPattern, text, selectorStart).replace(/[.-]+$/, '');
  const end = selectorStart + word.length;
  if (template.test(text[end] ?? '')) return undefined;
  return { ...bare, end, selector: selectorOf(separator, word), selectorStart, selectorEnd: end };
}

/** Returns the name at a position. Names with spaces must be quoted, and end at the quote or a selector. */
function nameAt(text: string, at: number, quote: string): string | undefined {
  const isQuoted = quote === '"' || quote === "'" || quote === '`';
  const long = isQuoted ? matchAt(nameWithAt, text, at) || matchAt(quotedName, text, at) : '';
  const next = text[at + long.length] ?? '';
  const wanted = long !== '' && (next === quote || next === '/' || next === '@') ? long : matchAt(bareName, text, at);
  const name = wanted.replace(/[.\s]+$/, '');
  return name === '' || name.length >= maxNameLength ? undefined : name;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function selectorOf(separator: string, word: string): Selector {
  if (word === '') return { kind: 'none' };
  if (separator === '@') return { kind: 'alias', name: word };
  if (/^\d{1,9}$/.test(word)) return { kind: 'number', number: Number(word) };
  const name = word.toLowerCase();
  return name === 'latest' ? { kind: 'latest' } : { kind: 'stage', name: name === 'none' ? 'development' : name };
}
