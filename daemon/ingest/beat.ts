const tickMs = 50;
/** At rest, until something is heard: less than a blocked loop takes to be suspected of missing something. */
const restMs = 250;

/** Does the work again and again: often while there is some, seldom at rest, and soon after being woken. */
export function beating(work: () => void, isAtRest: () => boolean): { wake(): void; close(): void } {
  let resting = false;
  const beat = (): void => {
    try {
      work();
    } finally {
      resting = isAtRest();
      timer = setTimeout(beat, resting ? restMs : tickMs).unref();
    }
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
