import { appendFileSync } from 'node:fs';
import { Executions, type ExecutionParts, type SaveWriter } from './executions.ts';
import type { LivingProcess } from './process-look.ts';
import { systemProcesses, type ProcessTable } from './process-table.ts';

/**
 * Records observations of processes and the decisions made from them, one JSON line each. Replaying a trace gives the same
 * decisions (test/ingest/executions/traces.test.ts).
 */

/** A reply of the process table, or a call of `Executions`. `at`: epoch ms. */
export type TraceLine =
  | { at: number; kind: 'reply'; call: 'look' | 'pids' | 'startOf' | 'fileAt' | 'hiddenReason'; reply: unknown }
  | { at: number; kind: 'roots'; roots: string[] }
  | { at: number; kind: 'update' | 'change' }
  | { at: number; kind: 'alive'; id: string }
  | { at: number; kind: 'asked'; id: number; path: string; root: string; writtenAt: number }
  | { at: number; kind: 'told'; id: number; writer: TracedWriter };

/** A writer in a trace. */
export type TracedWriter = { kind: SaveWriter['kind']; who: string };

export function tracedWriter(writer: SaveWriter): TracedWriter {
  switch (writer.kind) {
    case 'execution':
      return { kind: writer.kind, who: writer.execution.id };
    case 'mover':
      return { kind: writer.kind, who: writer.program ?? '' };
    case 'ended':
      return { kind: writer.kind, who: '' };
    case 'unknown':
      return { kind: writer.kind, who: writer.reason };
  }
}

export type Trace = (line: TraceLine) => void;

/** Returns a trace that appends to a file. Command lines in it hold no secrets, but paths. */
export function traceTo(path: string): Trace {
  return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/** Wraps a process table so that its replies are recorded. */
export function tracedTable(table: ProcessTable, trace: Trace, now: () => number): ProcessTable {
  const traced = <T>(call: Extract<TraceLine, { kind: 'reply' }>['call'], reply: T): T => {
    trace({ at: now(), kind: 'reply', call, reply: reply ?? null });
    return reply;
  };
  return {
    look: async (projects) => {
      const seen = await table.look(projects);
      traced('look', seen.map(withoutPython));
      return seen;
    },
    pids: () => traced('pids', table.pids()),
    startOf: (pid) => traced('startOf', table.startOf(pid)),
    fileAt: (path) => traced('fileAt', table.fileAt(path)),
    hiddenReason: (path) => traced('hiddenReason', table.hiddenReason(path)),
    close: () => table.close(),
  };
}

/** Drops the loaded packages, which no decision uses. */
function withoutPython({ python: _python, ...rest }: LivingProcess): Omit<LivingProcess, 'python'> {
  return rest;
}

/** Executions that record their calls, the replies they use, and their decisions. */
export class TracedExecutions extends Executions {
  readonly #trace: Trace;
  readonly #parts: ExecutionParts;
  #asked = 0;
  #roots = '';

  constructor(parts: ExecutionParts, trace: Trace) {
    super({ ...parts, table: tracedTable(systemProcesses(parts.processes), trace, parts.ctx.now) });
    this.#parts = parts;
    this.#trace = trace;
  }

  override update(): void {
    const roots = [...this.#parts.roots()];
    if (this.#roots !== (this.#roots = roots.join('\n'))) this.#trace({ at: this.#now(), kind: 'roots', roots });
    this.#trace({ at: this.#now(), kind: 'update' });
    super.update();
  }

  override onChange(): void {
    this.#trace({ at: this.#now(), kind: 'change' });
    super.onChange();
  }

  override isAlive(id: string): boolean {
    this.#trace({ at: this.#now(), kind: 'alive', id });
    return super.isAlive(id);
  }

  override async writerOf(path: string, root: string, writtenAt: number): Promise<SaveWriter> {
    const id = (this.#asked += 1);
    this.#trace({ at: this.#now(), kind: 'asked', id, path, root, writtenAt });
    const writer = await super.writerOf(path, root, writtenAt);
    this.#trace({ at: this.#now(), kind: 'told', id, writer: tracedWriter(writer) });
    return writer;
  }

  #now(): number {
    return this.#parts.ctx.now();
  }
}
