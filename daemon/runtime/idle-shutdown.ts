/** What keeps a service alive that was started on demand. */
export interface Life {
  clients(): number;
  /** True while work must be finished, or if something was written within the last `ms`. */
  isActive(ms: number): boolean;
  stop(): void;
}

const checkEveryMs = 5000;
/** Time after the last write below a root during which a training may go on without one. */
const afterWriteMs = 30 * 60_000;

/** Stops the service `idleMs` after its last client while nothing needs it; never if `idleMs` is null. */
export function watchIdle(idleMs: number | null, life: Life): { used(): void; close(): void } {
  let lastNeeded = performance.now();
  const used = (): void => void (lastNeeded = performance.now());
  if (idleMs === null) return { used, close: () => undefined };
  const timer = setInterval(
    () => {
      if (life.clients() > 0 || life.isActive(afterWriteMs)) lastNeeded = performance.now();
      else if (performance.now() - lastNeeded >= idleMs) life.stop();
    },
    Math.min(checkEveryMs, idleMs),
  ).unref();
  return { used, close: () => clearInterval(timer) };
}
