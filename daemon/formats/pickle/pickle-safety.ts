import { isKnownGlobal } from './pickle-allowlist.ts';
import { scanPickle } from './pickle.ts';
import type { PickleScan } from './pickle.ts';
import type { Source } from '../source.ts';

export type PickleSafety = 'no code' | 'known imports only' | 'runs code' | 'unreadable';

/** The verdict on loading, and every global that is named, as `module.name`, sorted. */
export interface PickleReading {
  verdict: PickleSafety;
  imports: string[];
  /** The globals outside of the allowlist, when they alone are the reason that loading runs code. */
  unknown?: string[];
  /** Where the first of the unknown ones are named. */
  places?: ImportPlace[];
}

/** The opcode that names a global. */
export interface ImportPlace {
  import: string;
  /** Its name in Python's pickletools: `GLOBAL`, `STACK_GLOBAL` or `INST`. */
  opcode: string;
  /** In bytes, from the beginning of the file or member, unpacked if it is compressed. */
  offset: number;
  /** The member of the archive that contains the pickle; absent for a file of its own. */
  member?: string;
}

const opcodes: Readonly<Record<number, string>> = { 0x63: 'GLOBAL', 0x69: 'INST', 0x93: 'STACK_GLOBAL' };
const maxPlaces = 20;

const maxImports = 500;
const order: readonly PickleSafety[] = ['no code', 'known imports only', 'unreadable', 'runs code'];

/**
 * Judges a pickle by its globals. A name that is not on the allowlist or cannot be determined means that loading runs code, also
 * when the pickle breaks off later, since Python would already have run it. Anything else that fails to parse is unreadable,
 * never clean. `member`: the archive's member that contains it.
 */
export function judge(scan: PickleScan, member?: string): PickleReading {
  const unknown = scan.globals.filter((global) => !isKnown(global));
  const isHidden = scan.dotted || (scan.unresolved && scan.complete);
  const imports = scan.globals.slice(0, maxImports);
  if (isHidden) return { verdict: 'runs code', imports, ...placesOf(scan, unknown, member) };
  if (unknown.length === 0) return { verdict: safetyWithoutCode(scan), imports };
  const named = unknown.length <= maxImports ? { unknown } : {};
  return { verdict: 'runs code', imports, ...named, ...placesOf(scan, unknown, member) };
}

function placesOf(
  { places }: PickleScan,
  unknown: readonly string[],
  member: string | undefined,
): Pick<PickleReading, 'places'> {
  const found = unknown.flatMap((name) => {
    const place = places.get(name);
    const opcode = place && opcodes[place.code];
    if (opcode === undefined) return [];
    return [{ import: name, opcode, offset: place!.offset, ...(member === undefined ? {} : { member }) }];
  });
  return found.length === 0 ? {} : { places: found.slice(0, maxPlaces) };
}

/**
 * Judges what Python's own unpickler would find in a file that joblib wrote. It takes the bytes of arrays for opcodes, so code
 * can hide there. Returns undefined when it finds only noise.
 */
export function judgeHidden(source: Source): PickleReading | undefined {
  const scan = scanPickle(source);
  const readable = scan.globals.filter((global) => /^\w+(\.\w+)+$/.test(global));
  const reading = judge({ ...scan, globals: readable, dotted: false, unresolved: false });
  const { verdict, imports, places } = reading;
  return verdict === 'runs code' ? { verdict, imports, ...(places && { places }) } : undefined;
}

/** Combines the readings of several pickles of one artifact: the worst verdict, and all imports. */
export function joinReadings(readings: readonly PickleReading[]): PickleReading | undefined {
  const first = readings[0];
  if (first === undefined) return undefined;
  const verdict = readings.reduce((worst, { verdict: next }) => worse(worst, next), first.verdict);
  const imports = [...new Set(readings.flatMap((reading) => reading.imports))].toSorted();
  const running = readings.filter((reading) => reading.verdict === 'runs code');
  const unknown = [...new Set(running.flatMap((reading) => reading.unknown ?? []))].toSorted();
  const isNamed = running.length > 0 && running.every((reading) => reading.unknown !== undefined);
  const named = isNamed && unknown.length <= maxImports ? { unknown } : {};
  const places = readings.flatMap((reading) => reading.places ?? []).slice(0, maxPlaces);
  return { verdict, imports: imports.slice(0, maxImports), ...named, ...(places.length === 0 ? {} : { places }) };
}

function worse(a: PickleSafety, b: PickleSafety): PickleSafety {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

function safetyWithoutCode(scan: PickleScan): PickleSafety {
  if (scan.failure !== undefined || scan.unresolved) return 'unreadable';
  return scan.globals.length === 0 ? 'no code' : 'known imports only';
}

function isKnown(global: string): boolean {
  const dot = global.lastIndexOf('.');
  return isKnownGlobal(global.slice(0, dot), global.slice(dot + 1));
}
