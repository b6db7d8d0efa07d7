import { RegistryError } from '../../errors.ts';
import type { PointerState } from '../../protocol/events.ts';

/** The pure part of every transition: the new state of a pointer. The caller adds stages. */

/** Previous versions kept beside a pointer; the log has all of them. */
const deepest = 100;

/** The current and previous versions of a pointer, newest last. */
export type Stack = Pick<PointerState, 'holder' | 'previous'>;

/** Points to a version; the current one becomes the newest previous one. */
export function push(stack: Stack, number: number): Stack {
  const previous = stack.holder === null ? stack.previous : [...stack.previous, stack.holder];
  return { holder: number, previous: previous.slice(-deepest) };
}

/** Clears the pointer; the current version becomes the newest previous one. */
export function clear(stack: Stack): Stack {
  const previous = stack.holder === null ? stack.previous : [...stack.previous, stack.holder];
  return { holder: null, previous: previous.slice(-deepest) };
}

/**
 * Returns to the previous version, or down to `to` if it was a previous one; otherwise points to `to`. Versions above it are
 * dropped, so another rollback does not restore them. Throws `conflict` if there is nothing to return to.
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
