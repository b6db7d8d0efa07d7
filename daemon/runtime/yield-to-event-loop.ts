/** Longest time in ms that work may block the event loop before it yields. */
const stretchMs = 8;

/**
 * Returns a function to await between the steps of long work. It yields to other requests once `stretchMs` has passed, otherwise
 * returns immediately.
 */
export function breather(): () => Promise<void> | undefined {
  let until = performance.now() + stretchMs;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        until = performance.now() + stretchMs;
        resolve();
      }),
    );
  };
}
