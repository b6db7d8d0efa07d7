import { Session, type Profiler } from 'node:inspector/promises';

/** Microseconds between two samples. */
const sampledEvery = 250;

/** How long the extension's own code blocked the thread of the host at a time, in ms. */
export interface Held {
  p95: number;
  longest: number;
}

/** Samples the stack of this thread, and counts samples with a frame of the extension's bundle or of its lazy chunk. */
export async function measureHeld(act: () => Promise<unknown>): Promise<Held> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: sampledEvery });
  await session.post('Profiler.start');
  await act();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return heldIn(profile);
}

/** Counts garbage collection between two of our samples as ours too. */
function heldIn({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Held {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ours = oursAmong(nodes, byId);
  const isCollecting = (id: number): boolean => byId.get(id)?.callFrame.functionName === '(garbage collector)';
  const times: number[] = [];
  let running = 0;
  samples.forEach((id, index) => {
    const isOurs = ours.has(id) || (running > 0 && isCollecting(id));
    if (!isOurs && running > 0) times.push(running);
    running = isOurs ? running + (timeDeltas[index + 1] ?? 0) / 1000 : 0;
  });
  const sorted = times.toSorted((a, b) => a - b);
  return { p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0, longest: sorted.at(-1) ?? 0 };
}

function oursAmong(
  [root]: readonly Profiler.ProfileNode[],
  byId: ReadonlyMap<number, Profiler.ProfileNode>,
): Set<number> {
  const ours = new Set<number>();
  const mark = (node: Profiler.ProfileNode, within: boolean): void => {
    const isOurs = within || /\/dist\/extension\/[^/]+\.js$/.test(node.callFrame.url);
    if (isOurs) ours.add(node.id);
    for (const id of node.children ?? []) mark(byId.get(id)!, isOurs);
  };
  if (root) mark(root, false);
  return ours;
}
