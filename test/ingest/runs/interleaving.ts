import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readManifest } from '../../../daemon/blobs/manifest.ts';
import type { VersionDetail } from '../../../daemon/protocol/routes/versions.ts';
import type { TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

/** One action of an execution, and the pause before it. */
interface Step {
  afterMs: number;
  path: string;
  /** The saved bytes, or the value of the one metric. No other step of any execution has the same. */
  mark: number;
}

/** Executions that begin one after another and save to the same paths. */
export interface Interleaving {
  seed: number;
  executions: { startMs: number; steps: Step[] }[];
}

/** A save or result as its process wrote it. */
interface Made {
  execution: number;
  path: string;
  mark: number;
  writtenAt: number;
}

const modelPaths = [
  'out/churn/best.safetensors',
  'out/churn/churn.safetensors',
  'out/fraud/last.safetensors',
  'out/prices.safetensors',
];
/** Pauses are either so short that a save may be missed, or so long that it is complete for more than a second. */
const pauses = { short: [60, 400], long: [2800, 3800] } as const;
/** A save that was complete for so long must be found. */
const stoodMs = 2500;
/** The service looks at the processes more often than this, also on a busy machine. */
const apartMs = 2000;

/** Returns numbers below a bound that look random, but are the same for the same seed (xorshift). */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2654435761 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function interleaving(seed: number, executions: number, paths: number, steps: number): Interleaving {
  const random = numbers(seed);
  const some = Array.from({ length: paths }, (_, at) => modelPaths[(seed + at) % modelPaths.length] ?? '');
  const pause = (): number => {
    const [from, to] = pauses[random(2) === 0 ? 'short' : 'long'];
    return from + random(to - from);
  };
  const stepsOf = (execution: number): Step[] =>
    Array.from({ length: steps }, (_, at) => {
      const model = some[random(some.length)] ?? '';
      const path = random(3) === 0 ? join(dirname(model), 'metrics.json') : model;
      return { afterMs: pause(), path, mark: (execution + 1) * 100 + at };
    });
  return {
    seed,
    executions: Array.from({ length: executions }, (_, at) => ({ startMs: random(3000), steps: stepsOf(at) })),
  };
}

const body = `
for (const { afterMs, path, mark } of JSON.parse(readFileSync(args[0] + '.steps', 'utf8'))) {
  await sleep(afterMs);
  if (path.endsWith('.json')) put(path, JSON.stringify({ auc: mark }));
  else save(path, mark);
  appendFileSync(args[0], JSON.stringify({ path, mark, writtenAt: statSync(path).mtimeMs }) + '\\n');
}
await sleep(400);`;

/** Runs every execution as a process of its own. Returns what each wrote, in the order of time. */
export async function perform(project: string, { executions }: Interleaving): Promise<Made[]> {
  const made = executions.map(async ({ startMs, steps }, execution) => {
    await new Promise((resolve) => setTimeout(resolve, startMs));
    const told = join(project, `made-${execution}.txt`);
    writeFileSync(`${told}.steps`, JSON.stringify(steps));
    await train(project, body, `train-${execution}.mjs`, [told]).ended;
    const lines = readFileSync(told, 'utf8').trim().split('\n');
    return lines.map((line) => ({ execution, ...(JSON.parse(line) as Omit<Made, 'execution'>) }));
  });
  return (await Promise.all(made)).flat().toSorted((a, b) => a.writtenAt - b.writtenAt);
}

/** Returns the version that each save became, recognized by its bytes. */
export async function versionsByMark({
  client,
  daemon,
}: TestService): Promise<{ mark: number; detail: VersionDetail }[]> {
  const { items: models } = await client.call('GET /models', {});
  const found = [];
  for (const { name } of models) {
    const { items } = await client.call('GET /models/:model/versions', { model: name, limit: 500 });
    for (const { number, digest } of items) {
      const [file] = readManifest(daemon.context.blobs, digest);
      const mark = daemon.context.blobs.read(`sha256:${file?.sha256}`).readFloatLE(72);
      const of = { model: name, version: String(number) };
      found.push({ mark, detail: await client.call('GET /models/:model/versions/:version', of) });
    }
  }
  return found;
}

/** Returns saves that were complete for long enough, and are neither a version nor stored as a candidate. */
export async function lostSaves(service: TestService, project: string, made: readonly Made[]): Promise<string[]> {
  const versions = new Set((await versionsByMark(service)).map(({ mark }) => mark));
  const { runs } = await service.client.call('GET /runs', { limit: 500 });
  const kept = runs.flatMap(({ saves }) => saves).filter((one) => one.kept || one.version !== null);
  const saves = made.filter(({ path }) => !path.endsWith('.json'));
  return saves.flatMap(({ execution, path, mark, writtenAt }, at) => {
    const next = saves.slice(at + 1).find((one) => one.path === path)?.writtenAt ?? Infinity;
    const isKept = kept.some((one) => one.path === join(project, path) && Math.abs(one.writtenAt - writtenAt) < 2);
    if (next - writtenAt < stoodMs || versions.has(mark) || isKept) return [];
    const known = runs
      .flatMap((run) => run.saves)
      .filter((one) => one.path === join(project, path))
      .map((one) => `${Math.round(one.writtenAt - writtenAt)} ms: ${one.version ?? one.lost ?? 'kept'}`);
    const stood = `which stood for ${Math.round(next - writtenAt)} ms`;
    return [`save ${mark} of execution ${execution} at ${path}, ${stood}; known are saves at ${known.join(', ')}`];
  });
}

/** True when no other execution wrote anything so close in time that one look at the processes could not distinguish them. */
function isApart({ execution, writtenAt }: Made, made: readonly Made[]): boolean {
  return made.every((one) => one.execution === execution || Math.abs(one.writtenAt - writtenAt) > apartMs);
}

/** Returns versions that have the evidence of another execution or belong to another one's process, and bytes that became two versions. */
export async function strangeEvidence(service: TestService, made: readonly Made[]): Promise<string[]> {
  const executionOf = new Map(made.map(({ mark, execution }) => [mark, execution]));
  const sure = new Set(made.filter((one) => isApart(one, made)).map(({ mark }) => mark));
  const versions = await versionsByMark(service);
  const marks = versions.map(({ mark }) => mark);
  const twice = marks.filter((mark, at) => marks.indexOf(mark) !== at).map((mark) => `save ${mark} is two versions`);
  const strange = versions.flatMap(({ mark, detail }) => {
    const own = executionOf.get(mark);
    const name = `${detail.version.model}@${detail.version.number} (save ${mark} of execution ${own})`;
    const counted = detail.evidence.findLast(({ origin, metrics }) => origin?.rule !== 'not-used' && 'auc' in metrics);
    const auc = counted?.metrics['auc'];
    // By place counts what several may have written, as evaluated what another process wrote afterwards: the version says so.
    const isSure =
      typeof auc === 'number' &&
      sure.has(auc) &&
      sure.has(mark) &&
      ['same-run', 'beside'].includes(counted?.origin?.rule ?? '');
    const of = isSure ? executionOf.get(auc) : own;
    const script = (sure.has(mark) && detail.lineage?.process?.script) || undefined;
    return [
      ...(of === own ? [] : [`${name} has the metrics ${auc} of execution ${of}: ${JSON.stringify(counted?.origin)}`]),
      ...(script === undefined || script.endsWith(`train-${own}.mjs`) ? [] : [`${name} is said to be of ${script}`]),
    ];
  });
  return [...twice, ...strange];
}
