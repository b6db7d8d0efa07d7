import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import type { Training } from './expectation.ts';
import { judge, type Truth, type Wrong } from './judge.ts';
import { readRegistered } from './registered.ts';
import { autologFolder, compareWithLogged, readLoggedRuns, type LoggedRun } from './second-opinion.ts';

/** The result of a training. */
export type Outcome =
  | {
      kind: 'right';
      lateS: number;
      trainingS: number;
      /** How many values MLflow's autolog confirmed; absent when it was not asked. */
      confirmed?: number;
    }
  | { kind: 'wrong'; wrong: Wrong[]; trainingS: number }
  | { kind: 'not run'; reason: string };

/** A training whose processes have ended. The service may still be working on it. */
export interface Trained {
  settled: Promise<Outcome>;
}

/** How long, in ms, the service has after the end of the last process. Without processes it waits a minute for more saves. */
const longestMs = 90_000;
/**
 * A result that was right for so long stays right, and one that was wrong for so long stays wrong, unless the registry says that
 * a training is still running.
 */
const stableMs = { right: 5_000, wrong: 15_000 };

/**
 * Runs a training's lines as a person would, in a folder that a service of its own watches. With `isLogged` MLflow's autolog sees
 * each Python process from inside, and what the registry says must agree with it.
 */
export async function train(training: Training, path: string, isLogged = false): Promise<Trained> {
  const { expected, folder, isCopied } = training;
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-zoo-')));
  const project = join(scratch, expected.project ?? training.name);
  mkdirSync(join(project, expected.watch), { recursive: true });
  if (isCopied) cpSync(folder, project, { recursive: true, filter: (file) => !file.endsWith('expected.yaml') });
  const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder: join(scratch, 'registry') }), silent);
  const stop = async (): Promise<void> => {
    await daemon.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  const client = connect(daemon.file, 'zoo');
  const env = { ...environment(folder, scratch, path), ...(isLogged ? autologEnvironment(scratch) : {}) };
  await client.call('POST /roots', { path: join(project, expected.watch) });
  await sleep(300);
  const began = performance.now();
  const output: string[] = [];
  for (const line of expected.run) {
    if (line.startsWith('watch ')) {
      await client.call('POST /roots', { path: join(project, line.slice('watch '.length)) });
      continue;
    }
    const { code, out, err } = await runLine(line, project, env);
    output.push(out);
    if (code !== 0) {
      await stop();
      const reason = `${line} ended with ${code}: ${err.trim().split('\n').slice(-3).join(' ').slice(-300)}`;
      return { settled: Promise.resolve({ kind: 'not run', reason }) };
    }
  }
  const trainingS = (performance.now() - began) / 1000;
  const logged = isLogged ? await readLoggedRuns(env) : undefined;
  const settled = settle(training, client, project, truthIn(output.join('\n')), trainingS, logged);
  const settledAndStopped = async (): Promise<Outcome> => {
    try {
      return await settled;
    } finally {
      await stop();
    }
  };
  return { settled: settledAndStopped() };
}

/** Asks until the answer no longer changes. */
async function settle(
  { expected }: Training,
  client: Client,
  project: string,
  truth: Truth,
  trainingS: number,
  logged: readonly LoggedRun[] | undefined,
): Promise<Outcome> {
  const end = performance.now();
  const passed = (): number => performance.now() - end;
  let [before, since] = ['', 0];
  for (;;) {
    const at = passed();
    const registered = await readRegistered(client, project);
    const second = logged && compareWithLogged(registered, logged);
    const wrong = [...judge(expected, truth, registered), ...(second?.wrong ?? [])];
    const now = JSON.stringify(registered);
    if (now !== before) [before, since] = [now, at];
    const stable = wrong.length === 0 ? stableMs.right : stableMs.wrong;
    const isBusy = registered.isRunning || wrong.some(({ isWaiting }) => isWaiting);
    const isSettled = !isBusy && passed() - since > stable;
    if (!isSettled && passed() < longestMs) {
      await sleep(250);
      continue;
    }
    if (wrong.length > 0) return { kind: 'wrong', wrong, trainingS };
    return { kind: 'right', lateS: since / 1000, trainingS, ...(second && { confirmed: second.compared }) };
  }
}

function environment(folder: string, scratch: string, path: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: path,
    ZOO: folder,
    PYTHONPATH: [join(import.meta.dirname, 'lib'), process.env['PYTHONPATH']].filter(Boolean).join(delimiter),
    HOME: scratch,
    PYTHONUNBUFFERED: '1',
    CUDA_VISIBLE_DEVICES: '',
    HF_HUB_OFFLINE: '1',
    KERAS_BACKEND: 'torch',
    OMP_NUM_THREADS: '1',
    TOKENIZERS_PARALLELISM: 'false',
    WANDB_MODE: 'offline',
    DO_NOT_TRACK: '1',
    YOLO_OFFLINE: 'true',
    RAY_USAGE_STATS_ENABLED: '0',
    DVC_NO_ANALYTICS: '1',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  };
}

/** Python imports `sitecustomize.py` at its start. What it logs lies outside of the watched project. */
function autologEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    ZOO_AUTOLOG: `sqlite:///${join(scratch, 'autolog.db')}`,
    PYTHONPATH: [join(import.meta.dirname, 'lib'), autologFolder].join(delimiter),
  };
}

function runLine(
  line: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
    let out = '';
    let err = '';
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function truthIn(output: string): Truth {
  const lines = output.split('\n').filter((line) => line.startsWith('TRUTH '));
  return lines.map((line) => JSON.parse(line.slice('TRUTH '.length)) as Record<string, unknown>);
}
