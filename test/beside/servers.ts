import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

/** The model, experiment and project that data.py writes. */
export const model = 'churn-classifier';

/** What was in production, with the reason, as data.py promotes it elsewhere. */
export const promoted: readonly (readonly [number, string])[] = [
  [3, 'first model of the new pipeline'],
  [8, 'better recall for enterprise'],
  [9, 'val/auc +0.004'],
];

/** Starts a server with its workers in a process group and waits until it answers at a path. Returns what ends all of them. */
export async function startServer(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  address: string,
): Promise<() => Promise<void>> {
  const options: SpawnOptions = { stdio: 'ignore', detached: true, env: { ...process.env, ...env } };
  const child = spawn(command, args, options);
  await untilAnswering(address, child);
  return async () => {
    const gone = once(child, 'exit');
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await gone;
  };
}

async function untilAnswering(address: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    const isGood = await fetch(address).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isGood) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
