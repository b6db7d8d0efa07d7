import { secretWords, suspicionOf, type Suspicion } from './names.ts';
import { bracketed, literals, quoted, tripleQuoted, type Found } from './quoted.ts';
import { deeperLines, lineEnd, lineHead, readingOf, skip, type Reading } from './reading.ts';
import type { Span } from './span.ts';
import { isCode, isSecret, withoutEscapes } from './values.ts';

/** A name in a text that marks its value as a secret, and the sign between them. */
interface Assignment {
  start: number;
  suspicion: Suspicion;
  /** Offset of the value, after blanks. */
  at: number;
  sign: ':' | '=' | ' ' | '>';
  /** True if a blank precedes the sign, as in code or an INI file, unlike in an argument. */
  isSpaced: boolean;
  hasQuotedName: boolean;
  name: string;
}

/**
 * Finds the values of names that mean a secret: `password=…`, `"apiKey": "…"`, `--token …`, `os.environ["HF_TOKEN"] = …`, block
 * scalars, lists. Examines each character a bounded number of times.
 */
export function namedSecrets(text: string): Span[] {
  const reading = readingOf(text);
  const found: Span[] = [];
  const search = new RegExp(secretWords);
  const known = new Map<string, Suspicion | undefined>();
  const suspicionBy = (name: string): Suspicion | undefined => {
    if (!known.has(name) && known.size < maxKnown) known.set(name, suspicionOf(name));
    return known.has(name) ? known.get(name) : suspicionOf(name);
  };
  for (let at = 0; ;) {
    search.lastIndex = at;
    const hit = search.exec(text);
    if (!hit) return found;
    const name = nameAround(text, hit.index, at);
    at = Math.max(name.end, hit.index + hit[0].length);
    const suspicion = suspicionBy(text.slice(name.start, name.end));
    const assignment = suspicion && assignmentAt(reading, name, suspicion);
    if (!assignment) continue;
    const value = valueOf(reading, assignment);
    found.push(...value.spans);
    at = Math.max(at, value.next);
  }
}

const maxKnown = 10_000;
const maxNameLength = 128;

function nameAround(text: string, hit: number, from: number): { start: number; end: number } {
  let start = hit;
  const least = Math.max(from, hit - maxNameLength);
  while (start > least && /[\w.$-]/.test(text[start - 1]!)) start -= 1;
  if (/[nrt]/.test(text[start]!) && start < hit && text[start - 1] === '\\') start += 1;
  return { start, end: skip(text, hit, /[\w.-]{0,256}/y) };
}

const closing = /(?:\\?["'`])?\]?/y;
const sign = /[ \t\u00a0]*(?::=|=>|<-|={1,3}|!=|:)[ \t\u00a0]*/y;
/** Matches `<password>…`, `SecretStr("…")`, `name="password" value="…"`. */
const otherSign =
  /(?<=<[\w.:-]{1,100})>(?=[^<\s])|(?<=\bSecret(?:Str|Bytes))\((?=\\?["'])|(?<=["'])\s+value\s*=\s*(?=["'])/y;
const annotation =
  /(?:str|bytes|SecretStr|string|String|Any|Final|(?:Optional|Final)\[\w+\])(?:[ \t]*\|[ \t]*None)?[ \t]*=[ \t]*/y;
const environmentCall = /(?:env|environ|setdefault|putenv|setenv|getenv|config|secrets?)[\w.]*\(\s*\\?["']$/i;
const directive = /(?:^|\s)(?:ENV|ARG|setenv|set|setx|export)[ \t]+(?:--[\w-]+[ \t]+)?$/;

function assignmentAt(
  reading: Reading,
  name: { start: number; end: number },
  suspicion: Suspicion,
): Assignment | undefined {
  const { text } = reading;
  const { start, end } = name;
  const closed = skip(text, end, closing);
  const made = { start, suspicion, hasQuotedName: closed > end, isSpaced: false, name: text.slice(start, end) };
  const after = skip(text, closed, sign);
  if (after !== -1) {
    const joined = text.slice(closed, after);
    const typed = joined.trim() === ':' ? skip(text, after, annotation) : -1;
    const isColon = joined.trim() === ':' && typed === -1;
    return {
      ...made,
      at: typed === -1 ? after : typed,
      sign: isColon ? ':' : '=',
      isSpaced: /^\s/.test(joined) || typed !== -1,
    };
  }
  const other = skip(text, closed, otherSign);
  if (other !== -1) return { ...made, at: other, sign: text[other - 1] === '>' ? '>' : '=' };
  const before = text.slice(Math.max(0, start - 60), start);
  const comma = skip(text, closed, /\s*,\s*(?=\\?["'])/y);
  if (closed > end && comma !== -1 && environmentCall.test(before)) return { ...made, at: comma, sign: '=' };
  const isFlag = text[start] === '-';
  const fallback = isFlag && closed > end ? /\bdefault\s*=\s*(?=\\?["'])/.exec(text.slice(closed, closed + 300)) : null;
  if (fallback) return { ...made, at: closed + fallback.index + fallback[0].length, sign: '=' };
  const following = isFlag && closed > end ? skip(text, closed, /\s*,\s*(?=\\?["'][^-])/y) : -1;
  if (following !== -1) return { ...made, at: following, sign: '=' };
  const blank = skip(text, end, /[ \t]+(?=[^\s-])/y);
  const isNetrc = /^(?:password|passwd)$/i.test(made.name) && /\b(?:login|machine|user)\s+\S+\s+$/.test(before);
  if (blank !== -1 && (isFlag || isNetrc || directive.test(before))) return { ...made, at: blank, sign: ' ' };
  return undefined;
}

function valueOf(reading: Reading, assignment: Assignment): Found {
  const { text } = reading;
  const { at, suspicion } = assignment;
  const end = lineEnd(reading, at);
  if (at >= end || skip(text, at, /(?:[|>][-+\d]{0,2}|\\)?[ \t]*(?:#[^\n]{0,200})?(?=\r?\n|$)/y) !== -1)
    return below(reading, assignment);
  const quote = skip(text, at, /(?:[fFrRbBuU]{1,2}|(?:[A-Za-z_][\w.]{0,30}\())?(?=\\?["'`])/y);
  if (quote !== -1) {
    if (/["']/.test(text[quote]!) && text.startsWith(text[quote]!.repeat(3), quote))
      return tripleQuoted(text, quote, suspicion);
    if (text[quote - 1] !== '(') return quoted(text, quote, end, suspicion);
    const isHarmless = isCode(text.slice(at, Math.min(end, at + 301)), suspicion, assignment.isSpaced);
    return isHarmless ? { spans: [], next: at } : literals(text, quote, end, suspicion);
  }
  if (/[[({]/.test(text[at]!)) {
    const inside = bracketed(reading, at, suspicion);
    if (inside) return inside;
  }
  return unquoted(reading, assignment, end);
}

/** Finds a value on the lines below its name: a block scalar, a list, or one line with a deeper indentation. */
function below(reading: Reading, assignment: Assignment): Found {
  const { at, start, suspicion } = assignment;
  const head = lineHead(reading, start);
  const isScalar = /[|>]/.test(reading.text[at] ?? '');
  const none = { spans: [], next: at };
  if (head === undefined || (assignment.sign !== ':' && reading.text[at] !== '\\')) return none;
  const spans: Span[] = [];
  for (const line of deeperLines(reading, at, head.replace(/["']$/, '').length)) {
    const content = reading.text.slice(line.start, Math.min(line.end, line.start + 400));
    const key = /^(?:- +)?["']?[\w .-]{1,60}["']?:(?: +|$)/.exec(content)?.[0];
    if (key !== undefined && !isScalar && suspicion !== 'secret') return none;
    const skipped = isScalar ? 0 : (key ?? /^(?:- +)?/.exec(content)?.[0] ?? '').length;
    const value = content
      .slice(skipped)
      .replace(/^["']|["'],?$/g, '')
      .trim();
    if (value !== '' && (isScalar || line.end - line.start > 400 || isSecret(value, suspicion)))
      spans.push({ start: line.start + skipped, end: line.end });
    if (!isScalar && key === undefined && !content.startsWith('- ')) break;
  }
  return { spans, next: spans.at(-1)?.end ?? at };
}

const lineStart =
  /^[+-]?\s*(?:[-*] +)?(?:(?:export|set|setx|ENV|ARG|const|let|var|local|readonly|declare(?: -\w+)?|final|private|public|static|String) +)*(?:\$env:|[\w.]+\[)?["'`]?$/;
const wholeLine = /^(?:authorization|proxy-authorization|cookie|set-cookie)$/i;

function unquoted(reading: Reading, assignment: Assignment, end: number): Found {
  const { text } = reading;
  const { at, suspicion, hasQuotedName } = assignment;
  const number = hasQuotedName ? skip(text, at, /(?:-?[\d.]+|true|false|null|None|True|False)(?=[\s,}\])])/y) : -1;
  const stop = number === -1 ? stopOf(reading, assignment, end) : number;
  const value = text.slice(at, Math.min(stop, at + 400)).trim();
  const first = /^\S{1,200}?(?:[,;)](?=\s|$)|$)/.exec(text.slice(at, Math.min(end, at + 201)))?.[0] ?? '';
  if (isCode(value, suspicion, assignment.isSpaced) || isCode(first, suspicion, false)) return { spans: [], next: at };
  const isLong = stop - at > 400;
  if (isLong && suspicion !== 'perhaps') return { spans: [{ start: at, end: stop }], next: stop };
  const kept = withoutEscapes(value);
  const trimmed = kept.replace(/[)\]},]+$/, '') || kept;
  if (isLong || !isSecret(kept, suspicion) || !isSecret(trimmed, suspicion)) return { spans: [], next: at };
  return {
    spans: [{ start: at, end: at + (value.replace(/(?:\\n)?["'\])},]*$/, '').length || value.length) }],
    next: stop,
  };
}

/** Returns the end of an unquoted value. Text that cannot be distinguished from the value counts as part of it. */
function stopOf(
  reading: Reading,
  { start, at, hasQuotedName, name, sign: by, suspicion }: Assignment,
  end: number,
): number {
  const { text } = reading;
  const before = text[start - 1] ?? '';
  const limit = suspicion === 'perhaps' ? Math.min(end, at + 401) : end;
  if (by === '>') return untilMatch(text, at, limit, /</);
  if (/[?&]/.test(before)) return untilMatch(text, at, limit, /[&\s"'#<>;]/);
  if (/["'`]/.test(before) && !hasQuotedName) {
    const mark = text[start - 2] === '\\' ? `\\${before}` : before;
    const close = text.slice(at, limit).indexOf(mark);
    return close === -1 ? limit : at + close;
  }
  const head = lineHead(reading, start);
  if (by !== ' ' && suspicion !== 'perhaps' && ((head !== undefined && lineStart.test(head)) || wholeLine.test(name)))
    return limit;
  return untilMatch(text, at, limit, /[\s;&]|["'`](?=[\s,)\]}]|$)/);
}

function untilMatch(text: string, at: number, end: number, expression: RegExp): number {
  const stop = text.slice(at, end).search(expression);
  return stop === -1 ? end : at + stop;
}
