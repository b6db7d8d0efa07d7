/** Between two rounds of work: changes that come meanwhile are handled together (debounced). */
const tickMs = 50;
/** At rest, until something is heard: less than a blocked loop takes to be suspected of missing something. */
const restMs = 250;

/**
 * Does the work again and again: often while there is some, seldom at rest, and soon after being woken. What the work throws goes
 * to `onError`, and the next round begins as if nothing had been: one odd file must not end the service.
 */
export function startPollLoop(
  work: () => void,
  isAtRest: () => boolean,
  onError: (error: unknown) => void,
): { wake(): void; close(): void } {
  let resting = false;
  const beat = (): void => {
    try {
      work();
    } catch (error) {
      onError(error);
    }
    resting = isAtRest();
    timer = setTimeout(beat, resting ? restMs : tickMs).unref();
  };
  let timer = setTimeout(beat, tickMs).unref();
  const wake = (): void => {
    if (!resting) return;
    resting = false;
    clearTimeout(timer);
    timer = setTimeout(beat, tickMs).unref();
  };
  const close = (): void => {
    resting = false;
    clearTimeout(timer);
  };
  return { wake, close };
}
