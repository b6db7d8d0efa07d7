/** Keeps a daemon alive that was started on demand. */
export interface Life {
  clients(): number;
  /** True while something goes on that must be finished, or was written within `ms`. */
  isActive(ms: number): boolean;
  stop(): void;
}

const checkEveryMs = 5000;
/** After the last write below a root a training run may go on for a while without one. */
const afterWriteMs = 30 * 60_000;

/** Stops the daemon `idleMs` after its last client, while nothing needs it; never when `idleMs` is null. */
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
