import type { Extension } from '../context.ts';

/** One command: its id as in the manifest, and what it does. What it throws is told by the wrapper that runs it. */
export interface Command {
  id: string;
  run: (extension: Extension, ...args: unknown[]) => Promise<void>;
}
