import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { urlOf } from '../../client/address.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import { UsageError } from '../exit.ts';
import type { Open, Session } from '../session.ts';

/** Environment variables by which MLflow's clients find a tracking server and log in. */
export interface Variables {
  MLFLOW_TRACKING_URI: string;
  MLFLOW_TRACKING_TOKEN: string;
}

/** Returns the variables for the registry of a session, and starts its service if none runs. */
export async function mlflowVariables(session: Session, renew = false): Promise<Variables> {
  if (session.url !== undefined) return ofNamedService(session, renew);
  const { token } = renew ? await session.call('POST /mlflow/renew', {}) : await session.call('GET /mlflow', {});
  const { daemon } = await session.client();
  return { MLFLOW_TRACKING_URI: urlOf(daemon), MLFLOW_TRACKING_TOKEN: token };
}

/** Returns the variables for a service at an address: MLflow's clients log in with the same token. */
async function ofNamedService(session: Session, renew: boolean): Promise<Variables> {
  if (renew) throw new UsageError('--renew renews the token of this machine. Leave it out with --url or PLINTH_URL.');
  const { daemon } = await session.client();
  return { MLFLOW_TRACKING_URI: urlOf(daemon), MLFLOW_TRACKING_TOKEN: daemon.token };
}

export function mlflow(program: Command, open: Open): void {
  program
    .command('mlflow <command> [arguments...]')
    .description('run a command with MLflow logging to this registry: plinth mlflow -- python train.py')
    .action(async (command: string, given: string[]) => {
      const variables = await mlflowVariables(open());
      process.exitCode = await run(command, given, variables);
    });
}

/** Runs a command in this terminal. Resolves to its exit code, or 128 plus the signal that ended it. */
function run(command: string, given: readonly string[], variables: Variables): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, given, { stdio: 'inherit', env: { ...process.env, ...variables } });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    child.on('error', () => reject(new UsageError(`The command ${command} cannot be run. Check its name.`)));
    child.on('close', (code, signal) => {
      for (const known of signals) process.removeListener(known, pass);
      resolve(code ?? (signal === null ? exitCodes.failed : 128 + constants.signals[signal]));
    });
  });
}
