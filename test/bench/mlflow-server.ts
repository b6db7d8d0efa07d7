import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mlflowPython } from '../mlflow/python.ts';
import { cpuSeconds, pssMb } from './place.ts';
import { freePort } from '../support/free-port.ts';

/** A server of MLflow's REST API, ours or MLflow's own, with a raw connection to it. */
export interface Target {
  name: string;
  /** Time from spawn to the first answer, in ms. */
  readyMs: number;
  /** Returns the PSS of all its processes in MB. */
  memory(): number;
  /** Returns the CPU seconds that all its processes have used. */
  cpu(): number;
  /** Sends JSON (the fields of a GET as a query) below `/api/2.0/mlflow/`. Throws unless the status is 200. */
  ask(method: string, path: string, fields?: object): Promise<Record<string, unknown>>;
  end(): Promise<void>;
}

export function asker(port: number, token: string, agent: Agent): Target['ask'] {
  return (method, path, fields = {}) => {
    const isGet = method === 'GET';
    const body = isGet ? '' : JSON.stringify(fields);
    const query = isGet ? `?${new URLSearchParams(fields as Record<string, string>).toString()}` : '';
    const headers = {
      authorization: `Bearer ${token}`,
      ...(!isGet && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const options = { agent, host: '127.0.0.1', port, method, path: `/api/2.0/mlflow/${path}${query}`, headers };
    return exchange(options, body).catch((error: unknown) => {
      // A server closes a connection that was idle while the others were measured.
      if (isReset(error)) return exchange(options, body);
      throw error;
    });
  };
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

function exchange(options: RequestOptions, body: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>);
        else reject(new Error(`${options.method} ${options.path}: ${response.statusCode} ${text.slice(0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Starts MLflow's own server on SQLite as its documentation does, with `options` added. Returns the reason when that is not possible. */
export async function theirs(
  options: readonly string[] = [],
): Promise<(Target & { port: number }) | { reason: string }> {
  const found = mlflowPython();
  if ('reason' in found) return found;
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-bench-'));
  const port = await freePort();
  const started = performance.now();
  const child = spawn(
    join(dirname(found.python), 'mlflow'),
    [
      'server', '--host', '127.0.0.1', '--port', String(port), '--backend-store-uri', `sqlite:///${folder}/mlflow.db`,
      '--artifacts-destination', join(folder, 'artifacts'), ...options,
    ], // prettier-ignore
    { stdio: 'ignore', detached: true, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
  );
  const agent = new Agent({ keepAlive: true });
  const ask = asker(port, 'none', agent);
  await untilHealthy(port);
  const readyMs = performance.now() - started;
  const end = async (): Promise<void> => {
    agent.destroy();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    name: 'mlflow',
    port,
    readyMs,
    memory: () => ofTree(child, pssMb),
    cpu: () => ofTree(child, cpuSeconds),
    ask,
    end,
  };
}

async function untilHealthy(port: number): Promise<void> {
  for (;;) {
    const good = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (good) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Returns the sum of a figure over a process and all its descendants. */
function ofTree(child: ChildProcess, figure: (pid: number) => number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it ended in the meantime
    }
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === child.pid || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow).reduce((sum, pid) => sum + figure(pid), 0);
}
