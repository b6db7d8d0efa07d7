/** Clocks drift, and a busy machine asks late: less than this is no step. */
const leastStepMs = 1000;

/**
 * Tells by how much a clock was set since it was asked last, in ms: how far it went on beside the time that passed. Sleep of the machine counts as
 * such a step. 0 where it was not set.
 */
export function clockSteps(now: () => number): () => number {
  let at = now();
  let passedAt = performance.now();
  return () => {
    const [nowAt, nowPassedAt] = [now(), performance.now()];
    const step = nowAt - at - (nowPassedAt - passedAt);
    [at, passedAt] = [nowAt, nowPassedAt];
    return Math.abs(step) < leastStepMs ? 0 : Math.round(step);
  };
}
