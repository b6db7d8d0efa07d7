import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';

/**
 * One command: its id as in the manifest, and what it does. `node` is the row it was called on, `rest` what a menu adds
 * (the selection). What it throws is told by the wrapper that runs it.
 */
export interface Command {
  id: string;
  run: (extension: Extension, node: Node | undefined, ...rest: unknown[]) => Promise<void>;
}

/** A menu's second argument: the selected rows. */
export function selection(rest: readonly unknown[]): readonly Node[] | undefined {
  return Array.isArray(rest[0]) ? (rest[0] as Node[]) : undefined;
}
