/** Smaller differences are no step: clocks drift, and a busy machine checks late. */
const leastStepMs = 1000;

/**
 * Returns a function that returns by how many ms the clock was set since its last call, compared with the time that really
 * passed; 0 if it was not. The machine's sleep counts as a step.
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
