/**
 * Returns a function that calls `act` at once, and while it is called again and again, once each `everyMs`, the last time after the
 * last call. VS Code draws a tree that changes again within 200 ms only when it has been still for as long, which it may not be for
 * minutes while models are being registered.
 */
export function paced(act: () => void, everyMs: number): () => void {
  let calledAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    timer = undefined;
    calledAt = performance.now();
    act();
  };
  return () => {
    const waitMs = calledAt + everyMs - performance.now();
    if (timer === undefined && waitMs <= 0) return call();
    timer ??= setTimeout(call, waitMs);
  };
}
