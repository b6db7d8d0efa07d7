import { constants } from 'node:os';

/** What a report of a fault may quote of a log, and how many lines it leaves out because nothing in them may be quoted. */
export interface FaultLines {
  lines: string[];
  leftOut: number;
}

const levels: Readonly<Record<number, string>> = { 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const systemCodes: ReadonlySet<string> = new Set(Object.keys(constants.errno));
const maxQuoted = 12;

/**
 * Reduces a service's log to what says nothing about its user: messages, which are constants, numbers, codes of errors, errors of the
 * language itself, and places in programs. Any other text is left out, because a path, a host or a name may be anywhere in it.
 * `hidden` replaces the name of a model.
 */
export function faultLines(log: string, hidden: (model: string) => string): FaultLines {
  const read = log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => lineOf(line, hidden));
  const lines = read.filter((line) => line !== '');
  return { lines, leftOut: read.length - lines.length };
}

function lineOf(line: string, hidden: (model: string) => string): string {
  const entry = entryOf(line);
  if (!entry) return faultText(line);
  const { level, time, msg, pid: _pid, ...facts } = entry;
  const at = typeof time === 'number' && Math.abs(time) < 8.64e15 ? new Date(time).toISOString() : '';
  const message = typeof msg === 'string' && /^[A-Za-z' ,:;.-]{1,120}$/.test(msg) ? msg : '';
  if (message === '') return '';
  const values = Object.entries(facts).flatMap(([name, value]) => factOf(name, value, hidden));
  return [at, levels[Number(level)] ?? '', message, ...values].filter((part) => part !== '').join(' ');
}

function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function factOf(name: string, value: unknown, hidden: (model: string) => string): string[] {
  if (!/^[A-Za-z]{1,30}$/.test(name)) return [];
  if (typeof value === 'number' || typeof value === 'boolean') return [`${name}=${value}`];
  if (name === 'model' && typeof value === 'string') return [`model=${hidden(value)}`];
  const text = faultText(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return text === '' ? [] : [`${name}=[${text}]`];
}

/** Returns what of an error's text says nothing about its user: codes, errors of the language itself, and places in programs. */
export function faultText(text: string): string {
  const parts = text.split('\n').flatMap((line) => [...languageError(line), ...codesIn(line), ...placeIn(line)]);
  return [...new Set(parts)].slice(0, maxQuoted).join('; ');
}

/** What the language's own errors say, without the names and values in them. */
const sayings =
  /Cannot (?:read|set) properties of (?:undefined|null)|Maximum call stack size exceeded|Invalid (?:array|typed array|string) length|Assignment to constant variable|Unexpected end of JSON input|is not (?:a function|a constructor|iterable|defined|valid JSON)/;

/** Quotes the class of an error, and of one of the language itself what it says. */
function languageError(line: string): string[] {
  const match = /^(?:Uncaught )?([A-Z]\w{0,40}Error)\b(.{0,300})/.exec(line.trim());
  if (!match) return [];
  const saying = /^(?:Type|Range|Reference|Syntax)Error$/.test(String(match[1])) && sayings.exec(String(match[2]))?.[0];
  return [saying ? `${match[1]}: ${saying}` : String(match[1])];
}

function codesIn(line: string): string[] {
  const words = line.match(/\b[A-Z][A-Z0-9_]{2,40}\b/g) ?? [];
  return words.filter((word) => systemCodes.has(word) || /^(?:SQLITE|ERR|EAI)_/.test(word));
}

/** Quotes a line of a stack trace without the folder of the program. */
function placeIn(line: string): string[] {
  if (!/^\s*at /.test(line) || line.length > 1000) return [];
  const name = /^\s*at ((?:async )?[\w.<>#$]{1,80}) \(/.exec(line)?.[1];
  const place = /(?:^|[/\\( ])((?:node:[\w/]{1,60}|[\w-]{1,60}\.[cm]?[jt]s):\d{1,7}(?::\d{1,7})?)\)?$/.exec(line)?.[1];
  return place === undefined ? [] : [`at ${name === undefined ? '' : `${name} `}${place}`];
}
