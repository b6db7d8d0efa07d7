import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { asker, theirs, type Target } from './mlflow-server.ts';
import { place, pssMb, row, type Row } from './place.ts';
import { scale } from './mlflow-scale.ts';
import { transfers } from './mlflow-transfers.ts';

const seconds = 2;

/** Both servers under the same raw HTTP load, one after the other in one run; then large registries and large files. */
export async function mlflow(): Promise<Row[]> {
  const own = await ours();
  const rates = await load(own);
  const other = await theirs();
  // It answers while the rest of its workers still start.
  if (!('reason' in other)) await sleep(20_000);
  const rows =
    'reason' in other
      ? [row('the same load on mlflow server', '—', `not run: ${other.reason}`), ...alone(rates)]
      : [...compared(rates, await load(other)), ...light(own, other)];
  await own.end();
  if (!('reason' in other)) await other.end();
  return [...rows, ...(await scale()), ...(await transfers())];
}

async function ours(): Promise<Target> {
  const here = await place();
  const { token } = await here.client.call('GET /mlflow', {});
  const agent = new Agent({ keepAlive: true });
  const end = async (): Promise<void> => {
    agent.destroy();
    await here.end();
  };
  const memory = (): number => pssMb(here.process.pid);
  return { name: 'plinth', readyMs: here.readyMs, memory, ask: asker(here.file.port, token, agent), end };
}

interface Rate {
  what: string;
  clients: number;
  perSecond: number;
}

type Act = (n: number) => Promise<unknown>;

/** What is measured, on a registry of 100 versions and an experiment of 100 runs. */
async function acts({ ask }: Target): Promise<Record<string, Act>> {
  await ask('POST', 'registered-models/create', { name: 'm' });
  for (let n = 1; n <= 100; n += 1) {
    await ask('POST', 'model-versions/create', { name: 'm', source: 's3://b/m' });
    if (n > 1) await ask('POST', 'registered-models/create', { name: `m${n}` });
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
  return {
    'create-version': () => ask('POST', 'model-versions/create', { name: 'm2', source: 's3://b/m' }),
    'set-alias': (n) =>
      ask('POST', 'registered-models/alias', { name: 'm', alias: 'moving', version: String((n % 100) + 1) }),
    'get-by-alias': () => ask('GET', 'registered-models/alias', { name: 'm', alias: 'best' }),
    'search-versions': () => ask('GET', 'model-versions/search', { filter: "name = 'm'", max_results: 20 }),
    'search-models': () => ask('GET', 'registered-models/search', { filter: "name LIKE 'm%'", max_results: 20 }),
    'create-run': (n) => ask('POST', 'runs/create', { experiment_id: other, start_time: n }),
    'log-metric': (n) => ask('POST', 'runs/log-metric', { run_id: target, key: 'x', value: n, timestamp: n, step: n }),
    'log-batch of 1,000': (n) => ask('POST', 'runs/log-batch', { run_id: target, metrics: points(n * 1000) }),
    'search-runs by metric': () =>
      ask('POST', 'runs/search', { experiment_ids: [experiment], filter: 'metrics.loss > 79', max_results: 20 }),
    'metric-history': () => ask('GET', 'metrics/get-history', { run_id: run, metric_key: 'series' }),
  };
}

async function load(target: Target): Promise<Rate[]> {
  const rates: Rate[] = [];
  for (const [what, act] of Object.entries(await acts(target))) {
    for (const clients of [1, 8]) {
      const perSecond = await during(clients, act, clients * 10_000_000);
      rates.push({ what, clients, perSecond });
      console.log(`  ${target.name} ${what} (${clients}): ${perSecond.toFixed(1)}/s`);
    }
  }
  return rates;
}

/** Calls a second by so many clients, each waiting for its answer; every call has a number of its own. */
async function during(clients: number, act: Act, first: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - started < seconds * 1000) {
      done += 1;
      await act(first + done);
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  return done / ((performance.now() - started) / 1000);
}

function label({ what, clients }: Rate): string {
  return `MLflow ${what}, ${clients === 1 ? '1 client' : `${clients} clients`}`;
}

function alone(rates: readonly Rate[]): Row[] {
  return rates.map((rate) => row(label(rate), '—', `${rate.perSecond.toFixed(0)}/s`));
}

function compared(own: readonly Rate[], other: readonly Rate[]): Row[] {
  return own.map((rate, index) => {
    const theirRate = other[index]?.perSecond ?? NaN;
    const times = rate.perSecond / theirRate;
    const text = `${rate.perSecond.toFixed(0)}/s against ${theirRate.toFixed(1)}/s, ${times.toFixed(1)} ×`;
    return row(label(rate), '≥ 10 × mlflow server', text, times >= 10);
  });
}

function light(own: Target, other: Target): Row[] {
  const sooner = other.readyMs / own.readyMs;
  const [mine, their] = [own.memory(), other.memory()];
  const ready = `${own.readyMs.toFixed(0)} ms against ${other.readyMs.toFixed(0)} ms, ${sooner.toFixed(1)} ×`;
  const memory = `${mine.toFixed(0)} MB against ${their.toFixed(0)} MB, ${(their / mine).toFixed(1)} ×`;
  return [
    row('ready for MLflow clients', '≥ 8 × sooner', ready, sooner >= 8),
    row('memory after that load, PSS of all processes', '≥ 15 × less', memory, their / mine >= 15),
  ];
}
