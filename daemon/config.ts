import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { currentUser, homeFolder } from './runtime/current-user.ts';
import { startRefusal } from './runtime/start-refusal.ts';
import { RegistryError, systemCode } from './errors.ts';
import { defaultTiming, type Timing } from './runtime/timing.ts';

/** Configuration of the service, from flags and the environment; fixed at the start. */
export interface Config {
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** 0 for the last port, or any. */
  readonly port: number;
  /** Time after its last client until it stops; null for never. */
  readonly idleMs: number | null;
  readonly timing: Timing;
  /** Time without a byte in either direction after which a connection is closed. */
  readonly maxSilenceMs: number;
  /** Makes the MLflow dialect behave like MLflow's server where the registry is stricter; for conformance tests. */
  readonly mlflowStrict: boolean;
  /**
   * True if this machine's process table shows who writes in watched folders. It does not if trainings run elsewhere: on the host
   * of the container that the service runs in, or in another container.
   */
  readonly seesProcesses: boolean;
  /** File to which observations of processes and the decisions made from them are appended; for tests that replay them. */
  readonly processTrace?: string;
  /** Names under which a reverse proxy passes requests on, as they are in Host: `models.example`, `models.example:8443`. */
  readonly hosts: readonly string[];
  /** Records the local user's name and e-mail in git's configuration, as asserted. */
  readonly recordsUser: boolean;
  /** Creates a registry although files or backups of an earlier one exist. */
  readonly newRegistry: boolean;
  /** Version of the program. */
  readonly version: string;
}

const nameAnother = 'Name a data folder of your own with --data or PLINTH_DATA.';

/**
 * Throws `read-only` for a folder in which this account cannot keep a registry: another account's, one that is not writable, a
 * file. Changes nothing, and accepts a folder that does not exist yet.
 */
export function assertUsable(folder: string): void {
  const stats = statsOf(folder);
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw new RegistryError('read-only', `The data folder ${folder} is a file. ${nameAnother}`);
  assertWritable(folder, folder, stats);
  for (const name of ['log', 'blobs', 'bin', 'registry.db', 'lock.db', 'identity.json']) {
    const path = join(folder, name);
    const inner = statsOf(path);
    if (inner) assertWritable(folder, path, inner);
  }
}

function assertWritable(folder: string, path: string, stats: Stats): void {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(path, stats.isDirectory() ? R_OK | W_OK | X_OK : R_OK | W_OK);
  } catch (error) {
    if (systemCode(error) === 'EROFS') throw startRefusal(error, folder);
    const isOurs = process.getuid === undefined || stats.uid === process.getuid();
    const whose = isOurs ? 'is read-only' : `belongs to another account (uid ${stats.uid})`;
    const text = `The data folder ${folder} cannot be written by ${currentUser()}: ${path} ${whose}. ${nameAnother}`;
    throw new RegistryError('read-only', text);
  }
}

/** Returns the stats of a path; undefined if nothing is there. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw new RegistryError(
      'read-only',
      `The data folder ${path} cannot be reached by ${currentUser()}. ${nameAnother}`,
    );
  }
}

/** Returns the user's data folder: PLINTH_DATA, else the platform's place for data. */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['PLINTH_DATA'];
  if (named) return named;
  const ofPlatform = env[process.platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_DATA_HOME'];
  const home = homeFolder();
  if (home === undefined) {
    if (ofPlatform && process.platform !== 'darwin') return join(ofPlatform, 'plinth');
    throw new RegistryError('read-only', `There is no home folder for ${currentUser()}. ${nameAnother}`);
  }
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'plinth');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'plinth');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'plinth');
}

/** Reads the names in PLINTH_HOSTS, separated by commas. Throws `invalid-request` for anything but an exact name. */
function hostsIn(text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const wrong = names.find((name) => name !== '' && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/.test(name));
  if (wrong === undefined) return names.filter((name) => name !== '');
  const what = JSON.stringify(wrong);
  throw new RegistryError(
    'invalid-request',
    `PLINTH_HOSTS contains ${what}. Write exact names, such as models.example.`,
  );
}

/** Returns a frozen configuration with defaults filled in. */
export function configure(given: Partial<Config> & Pick<Config, 'version'>): Config {
  const timing = Object.freeze({ ...defaultTiming, ...given.timing });
  const dataFolder = given.dataFolder ?? defaultDataFolder();
  return Object.freeze({
    port: 0,
    idleMs: null,
    maxSilenceMs: 30_000,
    recordsUser: false,
    newRegistry: false,
    mlflowStrict: process.env['PLINTH_MLFLOW_STRICT'] === '1',
    hosts: hostsIn(process.env['PLINTH_HOSTS'] ?? ''),
    seesProcesses: process.env['PLINTH_NO_PROCESSES'] !== '1',
    ...(process.env['PLINTH_PROCESS_TRACE'] && { processTrace: process.env['PLINTH_PROCESS_TRACE'] }),
    ...given,
    dataFolder,
    timing,
  });
}
