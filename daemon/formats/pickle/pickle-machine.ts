import type { Cursor } from '../cursor.ts';
import { FormatError } from '../source.ts';
import { unknownValue, isNode } from './pickle-value.ts';
import type { PickleNode, PickleObject, PickleValue } from './pickle-value.ts';

/** Nodes, items and memo entries kept of one file. Anything beyond becomes `unknown`. */
const maxWork = 600_000;
const maxStack = 1_000_000;
const maxMarks = 50_000;

/** An opcode by its number, and its offset in the source. */
export interface GlobalPlace {
  code: number;
  offset: number;
}

/** Collects findings about a pickle, together with those of the pickles nested in it. */
export interface Findings {
  protocol: number;
  /** By name: where it is named first. */
  globals: Map<string, GlobalPlace>;
  /** The opcode that is being read. */
  current: GlobalPlace;
  /** True when a global's name has a dot, so it can reach what its module imported. */
  dotted: boolean;
  /** True when a global's name could not be determined: it was built on the stack in another way, or it is an extension code. */
  unresolved: boolean;
  /** True when loading calls something: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX. */
  calls: boolean;
  /** How many more nodes, items and memo entries may be kept. */
  budget: number;
}

export function newFindings(): Findings {
  const current = { code: 0, offset: 0 };
  return { protocol: 0, globals: new Map(), current, dotted: false, unresolved: false, calls: false, budget: maxWork };
}

/** The stack, marks and memo of a pickle that is being read. It works as Python's unpickler does, without the calls. */
export class PickleMachine {
  readonly cursor: Cursor;
  readonly findings: Findings;
  #stack: PickleValue[] = [];
  #marks: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** How many memo entries were left out because of the budget. */
  #dropped = 0;
  #explicit = false;
  #counted = false;

  constructor(cursor: Cursor, findings: Findings) {
    this.cursor = cursor;
    this.findings = findings;
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= maxStack) throw new FormatError('unsupported', 'The pickle stack grows too large.');
    this.#stack.push(value);
  }

  pushNode(node: PickleNode): void {
    this.push(this.afford(1) ? node : unknownValue);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw new FormatError('malformed', 'The pickle takes from an empty stack.');
    return value;
  }

  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw new FormatError('malformed', 'The pickle looks at an empty stack.');
    return value;
  }

  mark(): void {
    if (this.#marks.length >= maxMarks) throw new FormatError('unsupported', 'The pickle nests too deeply.');
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw new FormatError('malformed', 'The pickle has no mark to go back to.');
    this.#stack = below;
    return items;
  }

  /** Drops the top of the stack, or the mark when only that is left, as Python does. */
  drop(): void {
    if (this.#stack.length > 0) this.#stack.pop();
    else this.popMark();
  }

  put(index: number): void {
    this.#explicit = true;
    this.#store(index);
  }

  /** Stores the top at the next free number, as Python's unpickler does. */
  memoize(): void {
    this.#counted = true;
    this.#store(this.#memo.size + this.#dropped);
  }

  #store(index: number): void {
    const value = this.top();
    if (this.#memo.has(index) || this.afford(1)) {
      this.#memo.set(index, value);
      return;
    }
    this.#dropped += 1;
    // No writer mixes both ways of storing. If some entries were left out, the numbers are no longer reliable.
    if (this.#explicit && this.#counted) this.findings.unresolved = true;
  }

  get(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value !== undefined) return value;
    if (this.findings.budget > 0) throw new FormatError('malformed', 'The pickle recalls what it never stored.');
    return unknownValue;
  }

  global(module: PickleValue, name: PickleValue): void {
    if (typeof module === 'string' && typeof name === 'string') {
      this.#nameGlobal(`${module}.${name}`);
      if (name.includes('.')) this.findings.dotted = true;
      this.push({ kind: 'global', module, name });
      return;
    }
    this.findings.unresolved = true;
    this.push(unknownValue);
  }

  #nameGlobal(name: string): void {
    const { globals, current } = this.findings;
    if (globals.has(name)) return;
    if (globals.size < 10_000) globals.set(name, { ...current });
    else this.findings.unresolved = true;
  }

  call(callable: PickleValue, args: PickleValue): void {
    this.findings.calls = true;
    const made: PickleObject = {
      kind: 'object',
      callable,
      args,
      state: undefined,
      entries: undefined,
      items: undefined,
    };
    this.pushNode(made);
  }

  append(target: PickleValue, items: PickleValue[]): void {
    if (!isNode(target) || !this.afford(items.length)) return;
    if (target.kind === 'list' || target.kind === 'set') pushAll(target.items, items);
    else if (target.kind === 'object') pushAll((target.items ??= []), items);
  }

  setItems(target: PickleValue, flat: PickleValue[]): void {
    if (flat.length % 2 !== 0) throw new FormatError('malformed', 'The pickle sets a key without a value.');
    if (!isNode(target) || !this.afford(flat.length)) return;
    const entries = target.kind === 'dict' ? target.entries : target.kind === 'object' ? (target.entries ??= []) : [];
    for (let i = 0; i < flat.length; i += 2) entries.push([flat[i] as PickleValue, flat[i + 1] as PickleValue]);
  }

  /** Takes `count` from the budget. True while the budget lasts. */
  afford(count: number): boolean {
    this.findings.budget -= count;
    return this.findings.budget > 0;
  }
}

function pushAll(target: PickleValue[], items: PickleValue[]): void {
  for (const item of items) target.push(item);
}
