import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

/**
 * One turn of the event loop: a callback with the promises that it settles. This module is loaded into a service before it starts
 * (`node --import`), measures the CPU of every turn, and writes the longest ones with their functions when the service ends.
 */
export interface Turn {
  /** Resource of the callback: `HTTPINCOMINGMESSAGE`, `Immediate`, `MESSAGEPORT`. */
  kind: string;
  cpuMs: number;
  /** Functions that were running, with their shares, the largest first. */
  functions: string[];
}

interface Timed {
  kind: string;
  cpuMs: number;
  /** Microseconds of the profiler's clock. */
  from: number;
  to: number;
}

const kept = 12;
/** CPU from which a turn is kept. */
const leastMs = 5;

const kinds = new Map<number, string>();
const longest: Timed[] = [];
let depth = 0;
let current: { kind: string; cpu: number; from: number } | undefined;

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Ends a turn when the next one begins, as waiting takes no CPU. */
function endTurn(): void {
  if (!current) return;
  const cpuMs = cpuNow() - current.cpu;
  if (cpuMs >= leastMs) {
    longest.push({ kind: current.kind, cpuMs, from: current.from, to: now() });
    longest.sort((a, b) => b.cpuMs - a.cpuMs).splice(kept);
  }
  current = undefined;
}

const hook = createHook({
  init: (id, type) => void (type !== 'PROMISE' && kinds.set(id, type)),
  before: (id) => {
    const kind = kinds.get(id);
    if (kind === undefined) return;
    depth += 1;
    if (depth > 1) return;
    endTurn();
    current = { kind, cpu: cpuNow(), from: now() };
  },
  after: (id) => void (kinds.has(id) && (depth = Math.max(0, depth - 1))),
  destroy: (id) => void kinds.delete(id),
});

/** Returns our functions in the profiler's samples of a turn, the most frequent first. */
function functionsIn(turn: Timed, profile: Profiler.Profile): string[] {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const counts = new Map<string, number>();
  let at = profile.startTime;
  let all = 0;
  for (const [index, sample] of (profile.samples ?? []).entries()) {
    at += profile.timeDeltas?.[index] ?? 0;
    if (at < turn.from || at > turn.to) continue;
    all += 1;
    const seen = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = frames.get(id);
      if (frame && frame.functionName !== '' && /plinth|daemon|dist|^$/.test(frame.url)) seen.add(frame.functionName);
    }
    for (const name of seen) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].filter(([name]) => name !== '(root)').toSorted((a, b) => b[1] - a[1]);
  return sorted.slice(0, 8).map(([name, count]) => `${name} ${Math.round((100 * count) / all)} %`);
}

const file = process.env['PLINTH_TURNS'];
if (file !== undefined && isMainThread) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 1000 });
  session.post('Profiler.start');
  hook.enable();
  process.once('exit', () => {
    hook.disable();
    session.post('Profiler.stop', (_error, { profile }) => {
      const turns = longest.map((turn): Turn => {
        return { kind: turn.kind, cpuMs: turn.cpuMs, functions: functionsIn(turn, profile) };
      });
      writeFileSync(file, JSON.stringify(turns));
    });
  });
}
