import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './api/app.ts';
import { guardConnections } from './api/connections.ts';
import type { Service } from './api/service.ts';
import type { EventStream } from './api/stream.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { openCore, type Core, type Listener } from './server/open-registry.ts';
import { backup } from './db/backup/backup.ts';
import { RegistryError, messageOf } from './errors.ts';
import { keepHouse } from './server/maintenance.ts';
import { createIngest } from './ingest/ingest.ts';
import { announce, renewMlflow, withdraw, writeIdentity, type Identity } from './server/instance-file.ts';
import { watchIdle } from './runtime/idle-shutdown.ts';
import type { Logger } from './log.ts';
import { giveMemoryBack } from './runtime/memory-release.ts';
import { protocolVersion, type DaemonFile } from './protocol/handshake.ts';
import { proofKeyOf, proofOf } from './protocol/proof.ts';
import { openReaders } from './server/workers.ts';
import { judgeOldEvidence } from './registry/versions/judge-old-evidence.ts';
import { notePerson } from './access/git-identity.ts';
import { startRefusal } from './runtime/start-refusal.ts';
import { statusOf } from './server/status.ts';
import { warningsOf } from './server/warnings.ts';
import { openWebhooks } from './webhooks/webhooks.ts';
import { settleUploads } from './tracking/upload-group.ts';

/** A running service. */
export interface Daemon {
  readonly file: DaemonFile;
  readonly context: Context;
  /** Adds a listener for everything that clients receive. */
  listen(listener: Listener): void;
  /** Resolves when the service has stopped, by itself or by `stop`. */
  readonly stopped: Promise<void>;
  /** Stops gracefully: finishes its commits, then closes every part in reverse order. */
  stop(): Promise<void>;
}

/** Bytes of a body that are read or written ahead. With Node's 64 KiB, a large model would pause and resume 16,000 times. */
const bufferedBytes = 1 << 20;

/**
 * Starts the service on its data folder. Throws `AlreadyRunning`, or a `RegistryError` with the reason; everything opened until
 * then is closed again and the folder is unlocked.
 */
export async function startDaemon(config: Config, log: Logger, now: () => number = Date.now): Promise<Daemon> {
  const opened: Part[] = [];
  try {
    return await start(config, log, now, opened);
  } catch (error) {
    for (const part of opened.toReversed()) await closeQuietly(part, log);
    throw startRefusal(error, config.dataFolder);
  }
}

async function closeQuietly(part: Part, log: Logger): Promise<void> {
  try {
    await part.close();
  } catch (error) {
    log.error('a part could not be closed', { error: String(error) });
  }
}

/** Starts the parts, and adds each to `opened` for closing. */
async function start(config: Config, log: Logger, now: () => number, opened: Part[]): Promise<Daemon> {
  const startedAt = now();
  const core = openCore(config, log, now);
  opened.push(core);
  const { context, identity } = core;
  opened.push(flushingUploads(context));
  const ingest = createIngest(context, config);
  opened.push(ingest);
  const readers = openReaders(context, ingest);
  opened.push(readers);
  core.listen((message) => void (message.kind === 'committed' && readers.series.heard(message.events)));
  const webhooks = openWebhooks(context, config.dataFolder);
  opened.push(webhooks);
  core.listen((message) => void (message.kind === 'committed' && webhooks.heard(message.events)));
  const warnings = warningsOf(context, config.dataFolder);
  let stop = (): Promise<void> => Promise.resolve();
  const service: Service = {
    ctx: context,
    ingest,
    series: readers.series,
    tensors: readers.tensors,
    identify: readers.identify,
    pages: core.pages,
    webhooks,
    mlflow: mlflowOf(config, identity),
    prove: (nonce, at) => proofOf(proofKeyOf(identity.token), nonce, at),
    status: () => statusOf(context, ingest, config, startedAt, core.failure(), [...warnings.all(), ...webhooks.warnings()]), // prettier-ignore
    backup: () => backup(context.db, config.dataFolder, now()),
    used: () => idle.used(),
    clients: () => core.stream.clients(),
    stop: () => void setImmediate(() => void stop()),
  };
  const idle = watchIdle(config.idleMs, {
    clients: service.clients,
    isActive: (ms) => ingest.isActive(ms) || core.deploys.isRunning() || webhooks.isRunning(),
    stop: service.stop,
  });
  opened.push(idle);
  const server = httpServer(config, service, core, log);
  opened.push({ close: () => closeServer(server, core.stream) });
  const port = await listenOn(server, config.port === 0 ? identity.port : config.port, config.port !== 0);
  opened.push(keepHouse(context, config.dataFolder, warnings), giveMemoryBack());
  const file = announced(config, identity, port, startedAt);
  if (config.recordsUser) noteWho(context);
  opened.push(judgingEvidence(context));
  log.info('started', { pid: process.pid, port });
  const ending = lifeOf(opened.toReversed(), () => withdraw(config.dataFolder), log);
  stop = ending.stop;
  return { file, context, listen: core.listen, stopped: ending.stopped, stop };
}

/** Returns what the MLflow dialect needs of the service. */
function mlflowOf({ dataFolder, mlflowStrict }: Config, identity: Identity): Service['mlflow'] {
  const renew = (): string => renewMlflow(dataFolder, identity);
  return { token: () => identity.mlflow, renew, strict: mlflowStrict };
}

/** Flushes uploads that were answered just before the end. */
function flushingUploads(ctx: Context): Part {
  const flush = (): Promise<void> =>
    settleUploads(ctx).catch((error: unknown) =>
      ctx.log.error('uploads were not flushed', { error: messageOf(error) }),
    );
  return { close: flush };
}

/** Records the local user in the background, as nothing needs to wait for git. */
function noteWho(ctx: Context): void {
  notePerson(ctx).catch((error: unknown) =>
    ctx.log.warn('the identity of the user could not be recorded', { error: String(error) }),
  );
}

/** Judges evidence of earlier programs in the background. Until then its origin is unknown. */
function judgingEvidence(ctx: Context): Part {
  const closing = new AbortController();
  const judging = judgeOldEvidence(ctx, closing.signal).catch((error: unknown) =>
    ctx.log.warn('the origin of old evidence could not be recorded', { error: String(error) }),
  );
  return {
    close: async () => {
      closing.abort();
      await judging;
    },
  };
}

function httpServer(config: Config, service: Service, core: Core, log: Logger): Server {
  const connectionsCheckingInterval = Math.min(5000, config.maxSilenceMs);
  const options = { highWaterMark: bufferedBytes, connectionsCheckingInterval };
  const server = createServer(options, createApp(service, core.admission, config.version));
  guardConnections(server, log, config.maxSilenceMs);
  server.on('upgrade', (request, socket, first) => core.stream.upgrade(request, socket, first));
  return server;
}

function announced(config: Config, identity: Identity, port: number, startedAt: number): DaemonFile {
  const { dataFolder, version } = config;
  writeIdentity(dataFolder, { ...identity, port });
  const { token } = identity;
  const proofKey = proofKeyOf(token);
  const file = { pid: process.pid, port, token, proofKey, protocol: protocolVersion, version, startedAt };
  announce(dataFolder, file);
  return file;
}

function closeServer(server: Server, stream: EventStream): void {
  stream.close();
  server.close();
  setImmediate(() => server.closeAllConnections());
}

interface Part {
  close(): void | Promise<void>;
}

/** Returns `stop`, which closes the parts once, in the given order. */
function lifeOf(parts: readonly Part[], first: () => void, log: Logger): Pick<Daemon, 'stop' | 'stopped'> {
  let ended: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (ended = resolve));
  const shutDown = async (): Promise<void> => {
    first();
    for (const part of parts) await part.close();
    log.info('stopped');
    ended();
  };
  let stopping: Promise<void> | undefined;
  return { stopped, stop: () => (stopping ??= shutDown()) };
}

/** Listens on the wanted port, or on any if that is taken and was not required. */
async function listenOn(server: Server, wanted: number, insist: boolean): Promise<number> {
  try {
    return await tryPort(server, wanted);
  } catch (error) {
    if (insist)
      throw new RegistryError(
        'conflict',
        `Port ${wanted} cannot be used (${messageOf(error)}). Choose another with --port.`,
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
