/** How a service is known to be alive while somebody waits for it. */
export interface SignsOfLife {
  /** Calls back for each message of the service, until the returned function is called. */
  onMessage: (heard: () => void) => () => void;
  /** Asks the service for something that it can always answer. Rejects if it cannot. */
  ask: () => Promise<unknown>;
  tickMs: number;
  /** After so many ticks without a sign it is asked, and after so many it counts as silent. */
  askAfterTicks: number;
  silentAfterTicks: number;
}

/**
 * Waits for work of the service, however long it takes, as long as the service gives a sign of life. Rejects with `silent()` when it
 * gives none. Counts ticks, not time, because a machine that was asleep has heard nothing for hours.
 */
export async function unlessSilent<T>(work: Promise<T>, signs: SignsOfLife, silent: () => Error): Promise<T> {
  let [ticks, isAsking] = [0, false];
  const heard = (): void => void (ticks = 0);
  const forget = signs.onMessage(heard);
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks >= signs.silentAfterTicks) return reject(silent());
    if (ticks < signs.askAfterTicks || isAsking) return;
    isAsking = true;
    void signs
      .ask()
      .then(heard, () => undefined)
      .finally(() => (isAsking = false));
  }, signs.tickMs);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearInterval(timer);
    forget();
  }
}
