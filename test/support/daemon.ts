import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { configure, type Config } from '../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../daemon/daemon.ts';
import { defaultTiming, type Timing } from '../../daemon/runtime/timing.ts';
import type { Logger } from '../../daemon/log.ts';

export const samples = join(import.meta.dirname, '..', 'fixtures', 'samples');

/** A real daemon with a temporary data folder. It is stopped and removed when the test ends. */
export interface TestService {
  daemon: Daemon;
  client: Client;
  /** Contains `data` and `out`. */
  folder: string;
  out: string;
  /** What was logged at level error. */
  errors: string[];
}

export interface ServiceOptions extends Omit<Partial<Config>, 'timing'> {
  timing?: Partial<Timing>;
  now?: () => number;
}

export async function startService({ timing, now, ...wanted }: ServiceOptions = {}): Promise<TestService> {
  const folder = temporary();
  const out = join(folder, 'out');
  mkdirSync(out);
  const errors: string[] = [];
  const dataFolder = join(folder, 'data');
  const config = configure({ version: '0.0.0', dataFolder, ...wanted, timing: { ...defaultTiming, ...timing } });
  const daemon = await startDaemon(config, logTo(errors), now);
  onTestFinished(() => daemon.stop());
  return { daemon, client: connect(daemon.file, 'test'), folder, out, errors };
}

/** Starts the same, with its `out` folder watched. */
export async function startWatchingService(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startService(wanted);
  await service.client.call('POST /roots', { path: service.out });
  return service;
}

function logTo(errors: string[]): Logger {
  const keep = (message: string, facts?: object): void => void errors.push(`${message} ${JSON.stringify(facts ?? {})}`);
  return { info: () => undefined, warn: keep, error: keep };
}

/** Starts the same, watching its `out`, and waits until the thread that reads models works. On a busy machine that takes seconds. */
export async function startWarmService(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startService(wanted);
  await service.client.call('POST /roots', { path: service.out });
  await service.client.call('GET /inspect', { path: join(samples, 'pytorch', 'digits-mlp-a', 'model.safetensors') });
  return service;
}

/** Makes a folder that is removed when the test ends. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Copies a sample's file or folder, by its path below the samples. */
export function copySample(path: string, target: string): string {
  cpSync(join(samples, path), target, { recursive: true });
  return target;
}

/** Registers three versions of one model from real files. Returns the model's name. */
export async function threeVersions(client: Client): Promise<string> {
  for (const run of ['v1', 'v2', 'v3']) {
    const path = join(samples, 'sklearn', 'iris-script', 'outputs', run, 'model.joblib');
    await client.call('POST /register', { path, model: 'iris' });
  }
  return 'iris';
}

/** Calls again until there is an answer. Throws a message that says what was expected when there is none in time. */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  ms = 20_000,
): Promise<T> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not come within ${ms} ms`);
}

/** Has the watched folders scanned, so that everything on disk is known, and waits until all of it is decided. */
export async function untilIdle({ client }: Pick<TestService, 'client'>, ms = 20_000): Promise<void> {
  await client.call('POST /scan', {});
  await until(async () => (await client.call('GET /status', {})).isIdle, 'an idle service', ms);
}

/** Returns the CPU milliseconds of this process so far. They do not pass while other processes have the machine. */
export function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
