/** How long a piece of work may hold the event loop at a stretch. */
const stretchMs = 8;

/** To be awaited between the steps of long work: lets requests through once the stretch is over, else returns at once. */
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
