import type { ModelReference, Selector } from './reference.ts';

const inName = /[\p{L}\p{N}._-]/u;
/** Characters before a name that make it part of a path, an address or a longer word. */
const clings = /[/@:+\\]/;
const firstOfName = /^[\p{L}\p{N}_]/u;
const selectorAfter = /@?[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}/uy;
const maxNameLength = 250;
/** Candidates that are tried at most; a text with more is not written by a person. */
const maxTried = 50_000;

/**
 * Returns references in the form `churn@7`, `churn@production` or `churn@@champion` to existing models, at most `most`, in order.
 * `lodash@4` is none. Pure.
 */
export function findPlain(text: string, isModel: (name: string) => boolean, most: number): ModelReference[] {
  const found: ModelReference[] = [];
  let last = 0;
  let tried = 0;
  for (let at = text.indexOf('@'); at >= 0 && found.length < most && tried < maxTried; at = text.indexOf('@', at + 1)) {
    tried += 1;
    const reference = readPlain(text, at, last, isModel);
    if (!reference) continue;
    found.push(reference);
    last = reference.end;
    at = last;
  }
  return found;
}

function readPlain(
  text: string,
  at: number,
  from: number,
  isModel: (name: string) => boolean,
): ModelReference | undefined {
  const model = nameBefore(text, at, from);
  if (model === undefined || !isModel(model)) return undefined;
  selectorAfter.lastIndex = at + 1;
  const word = selectorAfter.exec(text)?.[0].replace(/[.-]+$/, '') ?? '';
  const selector = selectorOf(word);
  const end = at + 1 + word.length;
  if (!selector || text[end] === '@' || text[end] === '{') return undefined;
  const [start, selectorStart] = [at - model.length, end - word.replace(/^@/, '').length];
  return {
    form: 'plain',
    start,
    end,
    model,
    modelStart: start,
    modelEnd: at,
    selector,
    selectorStart,
    selectorEnd: end,
  };
}

function selectorOf(word: string): Selector | undefined {
  if (word === '') return undefined;
  if (word.startsWith('@')) return { kind: 'alias', name: word.slice(1) };
  const number = /^v?(\d{1,9})$/.exec(word)?.[1];
  if (number !== undefined) return { kind: 'number', number: Number(number) };
  return word === 'latest' ? { kind: 'latest' } : { kind: 'pointer', name: word };
}

/** Returns the name that ends before `at`, if it is a word of its own; undefined otherwise. */
function nameBefore(text: string, at: number, from: number): string | undefined {
  let start = at;
  while (start > from && at - start <= maxNameLength && inName.test(text[start - 1] ?? '')) start -= 1;
  const name = text.slice(start, at);
  const isWhole = name !== '' && name.length <= maxNameLength && !clings.test(text[start - 1] ?? ' ');
  return isWhole && firstOfName.test(name) ? name : undefined;
}
