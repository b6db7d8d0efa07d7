import type { Target } from './mlflow-server.ts';
import { row, type Row } from './place.ts';

const rounds = 3;
const sliceMs = 500;

type Act = (n: number) => Promise<unknown>;
type Acts = Record<string, { act: Act; isWrite: boolean }>;

/** The compared servers: ours, MLflow's as its documentation starts it and with one worker, and a bare synced commit. */
export interface Compared {
  own: Target;
  oneWorker: Target;
  documented: Target | undefined;
  bare: Target;
}

/** The measured requests, on a registry of 100 models (20 of them with a version, one with 100) and an experiment of 100 runs. */
async function acts({ ask }: Target): Promise<Acts> {
  await ask('POST', 'registered-models/create', { name: 'm' });
  for (let n = 1; n <= 100; n += 1) {
    await ask('POST', 'model-versions/create', { name: 'm', source: 's3://b/m' });
    if (n > 1) await ask('POST', 'registered-models/create', { name: `m${n}` });
    if (n > 1 && n <= 20) await ask('POST', 'model-versions/create', { name: `m${n}`, source: 's3://b/m' });
  }
  await ask('POST', 'registered-models/alias', { name: 'm', alias: 'best', version: '50' });
  const { experiment_id: experiment } = await ask('POST', 'experiments/create', { name: 'e' });
  const { experiment_id: other } = await ask('POST', 'experiments/create', { name: 'other' });
  const runOf = (made: Record<string, unknown>): string => (made['run'] as { info: { run_id: string } }).info.run_id;
  let run = '';
  for (let n = 0; n < 100; n += 1) {
    run = runOf(await ask('POST', 'runs/create', { experiment_id: experiment, start_time: n }));
    await ask('POST', 'runs/log-metric', { run_id: run, key: 'loss', value: n, timestamp: 1 });
  }
  const points = (from: number): object[] =>
    Array.from({ length: 1000 }, (_, step) => ({ key: 'series', value: step, timestamp: 1, step: from + step }));
  await ask('POST', 'runs/log-batch', { run_id: run, metrics: points(0) });
  const target = runOf(await ask('POST', 'runs/create', { experiment_id: other, start_time: 1 }));
  const write = (act: Act): Acts[string] => ({ act, isWrite: true });
  const read = (act: Act): Acts[string] => ({ act, isWrite: false });
  return {
    'create-run': write((n) => ask('POST', 'runs/create', { experiment_id: other, start_time: n })),
    'log-metric': write((n) =>
      ask('POST', 'runs/log-metric', { run_id: target, key: 'x', value: n, timestamp: n, step: n }),
    ),
    'log-batch of 1,000': write((n) => ask('POST', 'runs/log-batch', { run_id: target, metrics: points(n * 1000) })),
    'create-model': write((n) => ask('POST', 'registered-models/create', { name: `new-${n}` })),
    'create-version': write(() => ask('POST', 'model-versions/create', { name: 'm21', source: 's3://b/m' })),
    'set-alias': write((n) =>
      ask('POST', 'registered-models/alias', { name: 'm', alias: 'moving', version: String((n % 100) + 1) }),
    ),
    'get-by-alias': read(() => ask('GET', 'registered-models/alias', { name: 'm', alias: 'best' })),
    'get-version': read(() => ask('GET', 'model-versions/get', { name: 'm', version: '50' })),
    'search-versions of a model': read(() =>
      ask('GET', 'model-versions/search', { filter: "name = 'm'", max_results: 20 }),
    ),
    'search-models LIKE, 20 models': read(() =>
      ask('GET', 'registered-models/search', { filter: "name LIKE 'm%'", max_results: 20 }),
    ),
    'search-runs by metric': read(() =>
      ask('POST', 'runs/search', { experiment_ids: [experiment], filter: 'metrics.loss > 79', max_results: 20 }),
    ),
    'metric-history of 1,000': read(() => ask('GET', 'metrics/get-history', { run_id: run, metric_key: 'series' })),
  };
}

interface Tally {
  calls: number;
  ms: number;
  /** CPU seconds of the server. */
  cpu: number;
}

interface Contender {
  server: Target;
  act: Act;
}

function rateOf({ calls, ms }: Tally): number {
  return calls / (ms / 1000);
}

/** Each call uses the next number. */
let last = 10_000_000;

/** Counts the calls that so many clients make in a slice of time, each waiting for its answer. */
async function measure({ server, act }: Contender, clients: number): Promise<Tally> {
  const began = performance.now();
  const cpu = server.cpu();
  let calls = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - began < sliceMs) {
      await act((last += 1));
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  return { calls, ms: performance.now() - began, cpu: server.cpu() - cpu };
}

/** Puts the same load on all servers in turn, slice by slice, so that other load of the machine affects all of them equally. */
export async function alternating({ own, oneWorker, documented, bare }: Compared): Promise<Row[]> {
  const servers = [own, oneWorker, ...(documented ? [documented] : [])];
  const known: { server: Target; of: Acts }[] = [];
  for (const server of servers) known.push({ server, of: await acts(server) });
  const rows: Row[] = [];
  for (const [what, { isWrite }] of Object.entries(known[0]?.of ?? {})) {
    if (!isAsked(what)) continue;
    for (const clients of [1, 8]) {
      const all = known.map(({ server, of }): Contender => ({ server, act: of[what]!.act }));
      const atLeast: Contender = { server: bare, act: (n) => bare.ask('POST', 'row', { n, key: 'x', value: n, timestamp: n }) };
      rows.push(told(what, clients, isWrite, await inTurn(isWrite ? [...all, atLeast] : all, clients)));
    }
  }
  return rows;
} // prettier-ignore

/** Restricts the requests to those whose name begins with one of these, separated by commas. */
const asked = process.env['PLINTH_BENCH_REQUESTS']?.split(',');

function isAsked(what: string): boolean {
  return asked === undefined || asked.some((beginning) => what.startsWith(beginning));
}

async function inTurn(all: readonly Contender[], clients: number): Promise<Tally[]> {
  const tallies = all.map(() => ({ calls: 0, ms: 0, cpu: 0 }));
  for (const one of all) await measure(one, clients);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, one] of all.entries()) {
      const { calls, ms, cpu } = await measure(one, clients);
      const tally = tallies[index]!;
      tally.calls += calls;
      tally.ms += ms;
      tally.cpu += cpu;
    }
  }
  return tallies;
}

const enough = 10;
/** The share of the bare commit's rate that is required when the disk takes most of the time. */
const enoughOfBare = 0.7;

function told(what: string, clients: number, isWrite: boolean, tallies: readonly Tally[]): Row {
  const bare = isWrite ? tallies.at(-1) : undefined;
  const [own, ...others] = isWrite ? tallies.slice(0, -1) : tallies;
  const times = rateOf(own!) / Math.max(...others.map(rateOf));
  const names = ['with one worker', 'as documented'];
  const against = others.map((other, index) => `${textOf(other)} ${names[index]}`).join(', ');
  const share = bare === undefined ? 0 : rateOf(own!) / rateOf(bare);
  const limit = bare === undefined ? '' : `; ${share.toFixed(2)} × a bare synced commit behind node:http (${textOf(bare)})`;
  const wanted = bare === undefined ? '≥ 10 × the faster' : '≥ 10 × the faster, or ≥ 0.7 × a bare synced commit';
  const who = clients === 1 ? '1 client' : `${clients} clients`;
  const text = `${textOf(own!)} against ${against}: ${times.toFixed(1)} × the faster${limit}`;
  return row(`MLflow ${what}, ${who}`, wanted, text, times >= enough || share >= enoughOfBare);
} // prettier-ignore

/** Returns `1,415/s (0.61 ms CPU each)`. */
function textOf(tally: Tally): string {
  const each = (1000 * tally.cpu) / tally.calls;
  return `${rateOf(tally).toFixed(rateOf(tally) < 100 ? 1 : 0)}/s (${each.toFixed(2)} ms CPU each)`;
}

/** Measures only our server, when there is no other. */
export async function alone(own: Target): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, { act }] of Object.entries(await acts(own)))
    rows.push(row(`MLflow ${what}, 1 client`, '—', textOf(await measure({ server: own, act }, 1))));
  return rows;
}
