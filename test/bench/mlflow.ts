import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareCommit } from './bare-commit.ts';
import { alone, alternating } from './mlflow-load.ts';
import { asker, theirs, type Target } from './mlflow-server.ts';
import { cpuSeconds, place, pssMb, row, type Row } from './place.ts';
import { scale } from './mlflow-scale.ts';
import { transfers } from './transfers.ts';
import { manyUploads } from './mlflow-uploads.ts';

/** Puts the same raw HTTP load on our server and on MLflow's own, then measures large registries, many files and large files. */
export async function mlflow(): Promise<Row[]> {
  return [...(await requests()), ...(await manyUploads()), ...(await scale()), ...(await transfers())];
}

/** True to compare only with the server of one worker. Four more idle workers would take the memory of a small machine. */
const isOnlyOneWorker = process.env['PLINTH_BENCH_MLFLOW'] === 'one-worker';

/** Requests only. */
export async function requests(): Promise<Row[]> {
  const own = await ours();
  const oneWorker = await theirs(['--workers', '1']);
  if ('reason' in oneWorker) {
    const rows = [row('the same load on mlflow server', '—', `not run: ${oneWorker.reason}`), ...(await alone(own))];
    await own.end();
    return rows;
  }
  const documented = isOnlyOneWorker ? undefined : await theirs();
  if (documented && 'reason' in documented) throw new Error(documented.reason);
  const bare = await bareCommit();
  // The first worker answers while the others still start.
  await sleep(20_000);
  const rows = [...(await alternating({ own, documented, oneWorker, bare })), ...light(own, documented ?? oneWorker)];
  for (const one of [own, documented, oneWorker, bare]) await one?.end();
  return rows;
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
  const cpu = (): number => cpuSeconds(here.process.pid);
  return { name: 'plinth', readyMs: here.readyMs, memory, cpu, ask: asker(here.file.port, token, agent), end };
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
