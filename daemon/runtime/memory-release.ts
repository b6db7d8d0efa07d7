import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A loop that was busy for less than this share of the time counts as quiet. */
const quietShare = 0.02;
/** Memory above the level at rest that justifies a pause of a tenth of a second. */
const worthBytes = 48 << 20;

/**
 * Returns memory to the system when the service is quiet after much work: a scan of 100,000 files leaves 100 MB of pages that V8
 * would keep, and a service beside a training must be small.
 */
export function giveMemoryBack(everyMs = 10_000): { close(): void } {
  let before = performance.eventLoopUtilization();
  let atRest = process.memoryUsage.rss();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > quietShare) return;
    const resident = process.memoryUsage.rss();
    const isWorth = resident - atRest > worthBytes;
    if (isWorth) collect();
    atRest = isWorth ? process.memoryUsage.rss() : Math.min(atRest, resident);
  };
  const timer = setInterval(look, everyMs).unref();
  return { close: () => clearInterval(timer) };
}

/** Runs the one kind of collection after which V8 keeps no free pages. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
