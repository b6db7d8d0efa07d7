import { RegistryError } from '../../errors.ts';
import type { PointerState } from '../../protocol/events.ts';

/** The pure half of every transition: what a pointer becomes. Stages are filled in by the caller. */

/** Earlier holders beyond this many are forgotten; the log keeps them all. */
const deepest = 100;

/** Where a pointer stands: its holder and the earlier ones, the newest last. */
export type Stack = Pick<PointerState, 'holder' | 'previous'>;

/** Puts a version on the pointer; the one that held it can be rolled back to. */
export function push(stack: Stack, number: number): Stack {
  const previous = stack.holder === null ? stack.previous : [...stack.previous, stack.holder];
  return { holder: number, previous: previous.slice(-deepest) };
}

/** Takes the holder away; it can be rolled back to. */
export function clear(stack: Stack): Stack {
  const previous = stack.holder === null ? stack.previous : [...stack.previous, stack.holder];
  return { holder: null, previous: previous.slice(-deepest) };
}

/**
 * Goes back to the previous holder, or down to `to` where it held the pointer before, else puts `to` on it.
 * What was popped does not come back by rolling back again. Throws `conflict` when there is nothing to go back to.
 */
export function pop(stack: Stack, pointer: string, to?: number): Stack {
  if (to !== undefined) {
    if (to === stack.holder)
      throw new RegistryError('conflict', `Version ${to} is already the current version of ${pointer}.`);
    const at = stack.previous.lastIndexOf(to);
    return at < 0 ? push(stack, to) : { holder: to, previous: stack.previous.slice(0, at) };
  }
  const target = stack.previous.at(-1);
  if (target === undefined) {
    throw new RegistryError('conflict', `${pointer} has no previous version to roll back to.`);
  }
  return { holder: target, previous: stack.previous.slice(0, -1) };
}
