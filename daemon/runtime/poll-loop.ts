/** Milliseconds between two rounds of work. Changes in between are handled together (debounced). */
const tickMs = 50;
/** Milliseconds between two rounds at rest: less than the lag from which a loop is suspected of missing changes. */
const restMs = 250;

/**
 * Repeats the work: often while there is some, seldom at rest, and soon after `wake`. Errors go to `onError` and do not stop the
 * loop, as one odd file must not end the service.
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
