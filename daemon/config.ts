import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultTiming, type Timing } from './ingest/timing.ts';

/** How the daemon runs: from flags and the environment, fixed at start. */
export interface Config {
  /** Absolute path of the one data folder. */
  readonly dataFolder: string;
  /** 0 for the port it had last time, or any. */
  readonly port: number;
  /** Leaves this long after its last client; null to run until stopped. */
  readonly idleMs: number | null;
  readonly timing: Timing;
  /** How long a peer may neither send nor take a byte before its connection is closed. */
  readonly maxSilenceMs: number;
  /** Whether the MLflow dialect behaves as MLflow's server does where the registry is stricter; for conformance tests. */
  readonly mlflowStrict: boolean;
  /** Whether the name and e-mail that git knows of the local user are noted as asserted. */
  readonly notesPerson: boolean;
  /** Whether a registry may be started although files or backups of an earlier one are there. */
  readonly newRegistry: boolean;
  /** Version of the program. */
  readonly version: string;
}

/** One data folder per user: PLINTH_DATA, else where the platform keeps such things. */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['PLINTH_DATA'];
  if (named) return named;
  const home = homedir();
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'plinth');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'plinth');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'plinth');
}

/** A frozen configuration with the embedded defaults filled in. */
export function configure(given: Partial<Config> & Pick<Config, 'version'>): Config {
  const timing = Object.freeze({ ...defaultTiming, ...given.timing });
  const dataFolder = given.dataFolder ?? defaultDataFolder();
  return Object.freeze({
    port: 0,
    idleMs: null,
    maxSilenceMs: 30_000,
    notesPerson: false,
    newRegistry: false,
    mlflowStrict: process.env['PLINTH_MLFLOW_STRICT'] === '1',
    ...given,
    dataFolder,
    timing,
  });
}
