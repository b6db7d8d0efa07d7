import { RegistryError } from '../../errors.ts';

const atOnce = 4;
const maxWaiting = 60;

/**
 * Returns a function that runs calls, a few at once and the others in turn, so that an agent that floods does not take the service
 * from people. Throws `conflict` if too many wait.
 */
export function callLimit(): <T>(act: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (act) => {
    if (waiting.length >= maxWaiting)
      throw new RegistryError(
        'conflict',
        `More than ${maxWaiting} requests wait. Send the next ones after their answers.`,
      );
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await act();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

/** Returns a function that runs one question at a time, so that an agent cannot bury a person in them. Throws `conflict` for a second one. */
export function onePending(): (ask: () => Promise<void>) => Promise<void> {
  let isPending = false;
  return async (ask) => {
    if (isPending) throw new RegistryError('conflict', 'Nothing was changed: another change waits for confirmation.');
    isPending = true;
    try {
      await ask();
    } finally {
      isPending = false;
    }
  };
}
