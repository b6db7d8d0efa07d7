import { allocatorEnvironment } from '../../runtime/allocator.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertUsable } from '../../config.ts';
import { isDiskFailure, isDiskFull, messageOf, systemCode } from '../../errors.ts';
import { exitCodes, protocolVersion, type DaemonFile } from '../../protocol/handshake.ts';
import { ensureFolder } from '../../runtime/write-file.ts';
import { findDaemon, readDaemonFile } from './discover.ts';
import { endOld } from './old-service.ts';
import { placeCopy } from './program-copy.ts';
import { isProven, standingOf } from './prove.ts';
import { connect, type Client } from './request.ts';
import { Unavailable } from './unavailable.ts';

const defaultIdleSeconds = 600;
const pollMs = 25;
const startWithinMs = 10_000;

/** Options for starting the service. */
export interface Launch {
  /** Script of the command line; by default that of this process. */
  script?: string;
  /** Program that runs it; by default that of this process. */
  node?: string;
  /** Variables added to this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** Seconds after its last client until it stops; null for never. */
  idleSeconds?: number | null;
  /** Version of this program, `1.2.3`. An older running service is stopped and replaced. */
  version?: string;
  /** Accepts a service with a newer protocol; the caller then only reads. */
  acceptNewer?: boolean;
}

/**
 * Connects to the service of a data folder, and starts it if none runs. `kind` names the client in the log. Throws `Unavailable`,
 * with the log's path, if it does not start or speaks another protocol.
 */
export async function reach(dataFolder: string, kind: string, launch: Launch = {}): Promise<Client> {
  const running = await current(dataFolder, kind, launch);
  const daemon = running ?? (await started(dataFolder, launch));
  const readable = daemon.protocol === protocolVersion || (launch.acceptNewer && daemon.protocol > protocolVersion);
  if (readable) return connect(daemon, kind);
  const versions = `protocol ${daemon.protocol} where this program speaks ${protocolVersion}`;
  throw new Unavailable(
    `the running registry service (Plinth ${daemon.version}) speaks ${versions}; replace it with: plinth stop`,
  );
}

/** Returns the running service; one older than this program is stopped first. Undefined for none. */
async function current(dataFolder: string, kind: string, { version }: Launch): Promise<DaemonFile | undefined> {
  const running = await findDaemon(dataFolder);
  if (!running) await endUnproven(dataFolder);
  if (!running || version === undefined || !isOlder(running, version)) return running;
  await connect(running, kind).call('POST /stop', {});
  const deadline = performance.now() + startWithinMs;
  while (performance.now() < deadline && (await isProven(running, pollMs * 10))) await sleep(pollMs);
  return findDaemon(dataFolder);
}

/** Stops a service that is too old to prove its identity. Throws `Unavailable` if it does not stop. */
async function endUnproven(dataFolder: string): Promise<void> {
  const file = readDaemonFile(dataFolder);
  if (!file || file.proofKey !== undefined || (await standingOf(file)) !== 'old') return;
  await endOld(file, startWithinMs);
}

function isOlder(daemon: DaemonFile, version: string): boolean {
  if (daemon.protocol !== protocolVersion) return daemon.protocol < protocolVersion;
  return daemon.version.localeCompare(version, 'en', { numeric: true }) < 0;
}

async function started(dataFolder: string, launch: Launch): Promise<DaemonFile> {
  assertUsable(dataFolder);
  const log = join(dataFolder, 'log', 'daemon.out');
  const deadline = performance.now() + startWithinMs;
  let attempt = begin(dataFolder, launch, log);
  while (attempt.problem === undefined && performance.now() < deadline) {
    const file = await findDaemon(dataFolder);
    if (file) return file;
    if (attempt.folderTaken) attempt = await again(dataFolder, launch, log);
    await sleep(pollMs);
  }
  const problem = attempt.problem ?? `it did not answer within ${startWithinMs / 1000} s`;
  throw new Unavailable(`the registry service could not be started: ${problem}; see ${log}`, attempt.exitCode);
}

interface Attempt {
  /** Why it cannot start. */
  problem?: string;
  exitCode?: number;
  /** True if another process has the folder: one that is starting, too, or one that is about to stop. */
  folderTaken: boolean;
}

function begin(dataFolder: string, launch: Launch, log: string): Attempt {
  const attempt: Attempt = { folderTaken: false };
  const before = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const child = spawnDaemon(dataFolder, launch, log);
  child.once('error', (error) => (attempt.problem = error.message));
  child.once('exit', (code) => {
    if (code === exitCodes.alreadyRunning) attempt.folderTaken = true;
    else {
      attempt.problem = lastLine(log, before) ?? `it left with exit code ${code}`;
      if (code !== null) attempt.exitCode = code;
    }
  });
  return attempt;
}

/** Returns the last line that a service logged after this byte; undefined if the log is gone. */
function lastLine(log: string, from: number): string | undefined {
  try {
    const lines = readFileSync(log).subarray(from).toString('utf8').trimEnd().split('\n');
    return lines.at(-1)?.replace(/^plinth: /, '') || undefined;
  } catch {
    return undefined;
  }
}

const againAfterMs = 250;

async function again(dataFolder: string, launch: Launch, log: string): Promise<Attempt> {
  await sleep(againAfterMs);
  return (await findDaemon(dataFolder)) ? { folderTaken: false } : begin(dataFolder, launch, log);
}

/** Starts the service. If several are started at the same time, the later ones stop by themselves. */
function spawnDaemon(dataFolder: string, launch: Launch, log: string): ChildProcess {
  const output = openLog(dataFolder, log);
  try {
    const { idleSeconds = defaultIdleSeconds } = launch;
    const idle = idleSeconds === null ? [] : ['--idle', String(idleSeconds)];
    const script = launch.script ?? ownScript();
    const args = [placeCopy(dataFolder, script), 'serve', '--data', dataFolder, ...idle, '--quiet'];
    const electron = process.versions['electron'] && launch.node === undefined ? { ELECTRON_RUN_AS_NODE: '1' } : {};
    const env = { ...process.env, ...allocatorEnvironment, ...electron, ...launch.env };
    const options = { cwd: dataFolder, env, detached: true, windowsHide: true };
    const child = spawn(launch.node ?? process.execPath, args, { ...options, stdio: ['ignore', output, output] });
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
}

function openLog(dataFolder: string, log: string): number {
  try {
    ensureFolder(join(dataFolder, 'log'));
    return openSync(log, 'a', 0o600);
  } catch (error) {
    const isDisk = isDiskFull(error) || isDiskFailure(systemCode(error) ?? '');
    throw new Unavailable(
      `The data folder ${dataFolder} cannot be written (${messageOf(error)}). Choose another with --data.`,
      isDisk ? exitCodes.io : undefined,
    );
  }
}

function ownScript(): string {
  const script = process.argv[1];
  if (script === undefined) throw new Unavailable('the registry service does not run; start it with: plinth serve');
  return realpathSync(script);
}
