import type { Extension } from '../context.ts';
import type { Node } from '../trees/nodes.ts';

/**
 * One command: its id as in the manifest, and its function. `node` is the row it was called on; `rest` is what a menu adds (the
 * selection). Errors it throws are shown by the wrapper that runs it.
 */
export interface Command {
  id: string;
  run: (extension: Extension, node: Node | undefined, ...rest: unknown[]) => Promise<void>;
}

/** Returns the selected rows, which are a menu's second argument. */
export function selection(rest: readonly unknown[]): readonly Node[] | undefined {
  return Array.isArray(rest[0]) ? (rest[0] as Node[]) : undefined;
}
