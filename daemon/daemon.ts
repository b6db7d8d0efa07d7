import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './api/app.ts';
import type { Service } from './api/service.ts';
import { eventStream, type EventStream } from './api/stream.ts';
import { openBlobStore } from './blobs/store.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { backup } from './db/backup.ts';
import { openDatabase } from './db/database.ts';
import { lockFolder } from './db/lock.ts';
import type { LoggedEvent } from './db/log.ts';
import { RegistryError, messageOf } from './errors.ts';
import { keepHouse } from './housekeeping.ts';
import { createIngest } from './ingest/ingest.ts';
import { announce, prepareFolder, readIdentity, withdraw, writeIdentity } from './instance.ts';
import { watchIdle } from './lifetime.ts';
import type { Logger } from './log.ts';
import { protocolVersion, type DaemonFile } from './protocol/handshake.ts';
import type { StreamMessage } from './protocol/stream.ts';
import { committer } from './registry/commit.ts';
import { statusOf } from './status.ts';
import { readDaemonFile } from './client/discover.ts';
import { renamed } from './rename-notes.ts';

/** A running daemon. */
export interface Daemon {
  readonly file: DaemonFile;
  readonly context: Context;
  /** Hears everything that clients hear. */
  listen(listener: (message: StreamMessage | { kind: 'committed'; events: LoggedEvent[] }) => void): void;
  /** Resolves when the daemon has stopped, by itself or by `stop`. */
  readonly stopped: Promise<void>;
  /** Graceful: finishes what it is committing, closes every part in reverse order. */
  stop(): Promise<void>;
}

/** Another daemon has the data folder. */
export class AlreadyRunning extends Error {
  constructor(folder: string) {
    const file = readDaemonFile(folder);
    const who = file ? `process ${file.pid} on port ${file.port}` : 'another process';
    super(`a registry service (${who}) runs on ${folder} already; stop it with: plinth stop`);
    this.name = 'AlreadyRunning';
  }
}

/** Starts the daemon on its data folder. Throws `AlreadyRunning`, or a `RegistryError` that says what keeps it from starting. */
export async function startDaemon(config: Config, log: Logger, now: () => number = Date.now): Promise<Daemon> {
  prepare(config.dataFolder);
  const lock = lockFolder(config.dataFolder);
  if (!lock) throw new AlreadyRunning(config.dataFolder);
  const startedAt = now();
  const db = openDatabase(config.dataFolder);
  const blobs = openBlobStore(config.dataFolder);
  const identity = readIdentity(config.dataFolder);
  const commits = committer(db, now, (error) => log.error('a listener failed', { error: String(error) }));
  const listeners: ((message: StreamMessage | { kind: 'committed'; events: LoggedEvent[] }) => void)[] = [];
  let stream: EventStream | undefined;
  const publish = (message: StreamMessage): void => {
    stream?.publish(message);
    for (const listener of listeners) listener(message);
  };
  const context: Context = { db, blobs, log, now, commit: commits.commit, publish };
  stream = eventStream(context, () => [identity.token]);
  const streams = stream;
  commits.onCommitted((events) => {
    renamed(db, events);
    streams.committed(events);
    for (const listener of listeners) listener({ kind: 'committed', events });
  });
  const ingest = createIngest(context, config.timing);
  const service: Service = {
    ctx: context,
    ingest,
    status: () => statusOf(context, ingest, config, startedAt, commits.failure ?? null),
    backup: () => backup(db, config.dataFolder, now()),
    stop: () => void setImmediate(() => void stop()),
  };
  const server = createServer(createApp(service, () => [identity.token], config.version));
  server.on('upgrade', (request, socket, first) => streams.upgrade(request, socket, first));
  const port = await listenOn(server, config.port === 0 ? identity.port : config.port, config.port !== 0);
  writeIdentity(config.dataFolder, { ...identity, port });
  const file: DaemonFile = {
    pid: process.pid,
    port,
    token: identity.token,
    protocol: protocolVersion,
    version: config.version,
    startedAt,
  };
  announce(config.dataFolder, file);
  const house = keepHouse(context, config.dataFolder);
  const idle = watchIdle(config.idleMs, {
    clients: () => streams.clients(),
    isActive: (ms) => ingest.isActive(ms),
    stop: service.stop,
  });
  log.info('started', { pid: process.pid, port });

  let ended: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (ended = resolve));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= shutDown());
  const shutDown = async (): Promise<void> => {
    withdraw(config.dataFolder);
    idle.close();
    house.close();
    streams.close();
    server.close();
    await ingest.close();
    await context.commit({ actor: 'stop' }, () => ({ events: [], result: () => null })).catch(() => undefined);
    server.closeAllConnections();
    await blobs.close();
    db.close();
    lock.release();
    log.info('stopped');
    ended();
  };
  return { file, context, listen: (listener) => void listeners.push(listener), stopped, stop };
}

function prepare(folder: string): void {
  try {
    prepareFolder(folder);
  } catch (error) {
    throw new RegistryError(
      'read-only',
      `the data folder ${folder} cannot be written (${messageOf(error)}); name another with --data`,
    );
  }
}

/** The wanted port, or any where that one is taken and was not asked for. */
async function listenOn(server: Server, wanted: number, insist: boolean): Promise<number> {
  try {
    return await tryPort(server, wanted);
  } catch (error) {
    if (insist)
      throw new RegistryError(
        'conflict',
        `port ${wanted} cannot be used (${messageOf(error)}); name another with --port`,
      );
    return tryPort(server, 0);
  }
}

function tryPort(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
