import { Cursor } from '../cursor.ts';
import { FormatError } from '../source.ts';
import type { Source } from '../source.ts';
import { inlineArray, skipArray } from './pickle-joblib.ts';
import { PickleMachine, newFindings } from './pickle-machine.ts';
import type { Findings, GlobalPlace } from './pickle-machine.ts';
import { buildOpcode, stop, operations } from './pickle-opcodes.ts';
import type { PickleValue } from './pickle-value.ts';

/** What the opcodes of a pickle say. Nothing was imported and nothing called. */
export interface PickleScan {
  /** 0 to 5. */
  protocol: number;
  /** Every global that it names, as `module.name`, sorted. */
  globals: string[];
  /** Where each is named first. */
  places: ReadonlyMap<string, GlobalPlace>;
  /** True when a global's name has a dot, so it can reach what its module imported. */
  dotted: boolean;
  /** True when it names a global that cannot be determined from the file. */
  unresolved: boolean;
  /** True when loading it calls something. */
  calls: boolean;
  /** The offset after STOP, or the offset at which reading failed. */
  end: number;
  /** The pickled object; undefined when reading failed. */
  root: PickleValue | undefined;
  /** How many arrays of joblib were skipped. */
  arrays: number;
  /** True when the object is complete, false when it was cut to stay small. */
  complete: boolean;
  /** The reason that reading ended before STOP; undefined when it did not. */
  failure: FormatError | undefined;
}

interface Limits {
  /** How many more opcodes may follow. */
  steps: number;
  joblib: boolean;
  arrays: number;
}

const maxOpcodes = 10_000_000;
const maxNested = 16;

/**
 * Reads a pickle of protocol 0 to 5 from `offset` to its STOP. With the dialect `joblib`, skips the arrays that joblib writes
 * between the opcodes; Python's own unpickler would take their bytes for opcodes. Never throws because of the bytes: `failure`
 * says what is wrong (`truncated` when more could follow), and the rest holds what was found before. Source: CPython's
 * pickletools; joblib/numpy_pickle.py.
 */
export function scanPickle(source: Source, dialect: 'python' | 'joblib' = 'python', offset = 0): PickleScan {
  const findings = newFindings();
  const cursor = new Cursor(source, offset);
  const limits = { steps: maxOpcodes, joblib: dialect === 'joblib', arrays: 0 };
  let root: PickleValue | undefined;
  let failure: FormatError | undefined;
  try {
    root = run(cursor, findings, limits, 0);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    failure = error;
  }
  return {
    protocol: findings.protocol,
    globals: [...findings.globals.keys()].toSorted(),
    places: findings.globals,
    dotted: findings.dotted,
    unresolved: findings.unresolved,
    calls: findings.calls,
    end: Math.min(cursor.offset, source.size),
    root,
    arrays: limits.arrays,
    complete: findings.budget > 0 && failure === undefined,
    failure,
  };
}

function run(cursor: Cursor, findings: Findings, limits: Limits, depth: number): PickleValue {
  const machine = new PickleMachine(cursor, findings);
  for (;;) {
    findings.current.offset = cursor.offset;
    const code = cursor.byte();
    findings.current.code = code;
    if (code === stop) return machine.pop();
    const operation = operations[code];
    if (operation === undefined) throw new FormatError('malformed', `There is no pickle opcode ${code}.`);
    if (--limits.steps < 0) throw new FormatError('unsupported', 'The pickle has too many opcodes.');
    operation(machine);
    if (code === buildOpcode && limits.joblib) passArray(machine, limits, depth);
  }
}

/** Replaces a joblib wrapper that was just built by the array that follows it. */
function passArray(machine: PickleMachine, limits: Limits, depth: number): void {
  const array = inlineArray(machine.top());
  if (array === undefined) return;
  limits.arrays += 1;
  if (!array.holdsObjects) {
    const passed = skipArray(machine.cursor, array);
    machine.pop();
    return machine.push(passed);
  }
  if (depth >= maxNested) throw new FormatError('unsupported', 'Pickles are nested too deeply.');
  const { offset } = machine.cursor;
  const items = run(machine.cursor, machine.findings, limits, depth + 1);
  machine.pop();
  const bytes = machine.cursor.offset - offset;
  machine.push({ kind: 'array', shape: array.shape, dtype: array.dtype, offset, bytes, items });
}
