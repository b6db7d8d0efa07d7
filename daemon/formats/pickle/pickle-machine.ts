import type { Cursor } from '../cursor.ts';
import { FormatError } from '../source.ts';
import { unknownValue, isNode } from './pickle-value.ts';
import type { PickleNode, PickleObject, PickleValue } from './pickle-value.ts';

/** Nodes, items and memo entries kept of one file; what comes later is `unknown`. */
const maxWork = 600_000;
const maxStack = 1_000_000;
const maxMarks = 50_000;

/** Collects what a walk finds, shared with the pickles nested in it. */
export interface Findings {
  protocol: number;
  globals: Set<string>;
  /** True when a global's name has a dot, which reaches through what its module imported. */
  dotted: boolean;
  /** True when a global's name could not be known: made on the stack by other means, or an extension code. */
  unresolved: boolean;
  /** True when loading calls something: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX. */
  calls: boolean;
  /** How much of the picture may still be kept. */
  budget: number;
}

export function newFindings(): Findings {
  return { protocol: 0, globals: new Set(), dotted: false, unresolved: false, calls: false, budget: maxWork };
}

/** The stack, marks and memo of a pickle being read: Python's unpickler without its calls. */
export class PickleMachine {
  readonly cursor: Cursor;
  readonly findings: Findings;
  #stack: PickleValue[] = [];
  #marks: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** How many memo entries were left out for the budget. */
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

  /** Drops the top; where only a mark is left, the mark, as Python does. */
  drop(): void {
    if (this.#stack.length > 0) this.#stack.pop();
    else this.popMark();
  }

  put(index: number): void {
    this.#explicit = true;
    this.#store(index);
  }

  /** Stores at the count of what is stored, as Python's unpickler does. */
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
    // No writer mixes both ways of storing; where some of it was left out, places could no longer be told.
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
      if (this.findings.globals.size < 10_000) this.findings.globals.add(`${module}.${name}`);
      else this.findings.unresolved = true;
      if (name.includes('.')) this.findings.dotted = true;
      this.push({ kind: 'global', module, name });
      return;
    }
    this.findings.unresolved = true;
    this.push(unknownValue);
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

  /** True, and counted, while the picture may still grow by so much. */
  afford(count: number): boolean {
    this.findings.budget -= count;
    return this.findings.budget > 0;
  }
}

function pushAll(target: PickleValue[], items: PickleValue[]): void {
  for (const item of items) target.push(item);
}
