import { isMainThread } from 'node:worker_threads';
import { identities } from '../access/authenticate.ts';
import type { Admission } from '../access/guard.ts';
import { pageSessions, type PageSessions } from '../access/page-sessions.ts';
import { eventStream, type EventStream } from '../api/stream.ts';
import { openBlobStore } from '../blobs/store.ts';
import { readDaemonFile } from '../clients/client/discover.ts';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { openDatabase, type Database } from '../db/database.ts';
import { lockFolder, type Lock } from '../db/lock.ts';
import type { LoggedEvent } from '../db/log.ts';
import { prepareFolder, readIdentity, tidyPrivate, type Identity } from './instance-file.ts';
import type { Logger } from '../log.ts';
import type { NewEvent } from '../protocol/events.ts';
import type { StreamMessage } from '../protocol/stream.ts';
import { committer } from '../registry/commit.ts';
import { assertHolds } from '../registry/named-blobs.ts';
import { deployer, type Deployer } from '../registry/deploy.ts';
import { renamed } from './rename-artifacts.ts';

/** Receives everything that clients receive, and the complete committed events. */
export type Listener = (message: StreamMessage | { kind: 'committed'; events: LoggedEvent[] }) => void;

/** The open and locked registry of a data folder, without watching and serving. */
export interface Core {
  context: Context;
  stream: EventStream;
  pages: PageSessions;
  identity: Identity;
  admission: Admission;
  listen(listener: Listener): void;
  deploys: Deployer;
  /** Why nothing can be written any more; null if it can. */
  failure(): string | null;
  close(): Promise<void>;
}

/** Thrown if another service has the data folder. */
export class AlreadyRunning extends Error {
  constructor(folder: string) {
    const file = readDaemonFile(folder);
    const who = file ? `process ${file.pid} on port ${file.port}` : 'another process';
    super(`a registry service (${who}) runs on ${folder} already; stop it with: plinth stop`);
    this.name = 'AlreadyRunning';
  }
}

/** Locks the data folder and opens its registry. Releases everything when it throws: `AlreadyRunning`, `RegistryError` or a system error. */
export function openCore(config: Config, log: Logger, now: () => number): Core {
  const { dataFolder } = config;
  prepareFolder(dataFolder);
  const lock = privately(() => lockFolder(dataFolder));
  if (!lock) throw new AlreadyRunning(dataFolder);
  let db: Database | undefined;
  try {
    tidyPrivate(dataFolder);
    db = privately(() => openDatabase(dataFolder, { newRegistry: config.newRegistry }));
    return assemble(config, log, now, lock, db);
  } catch (error) {
    db?.close();
    lock.release();
    throw error;
  }
}

function assemble(config: Config, log: Logger, now: () => number, lock: Lock, db: Database): Core {
  const blobs = privately(() =>
    openBlobStore(config.dataFolder, (digest) =>
      log.warn('a damaged blob was replaced by the same bytes, which came again', { digest }),
    ),
  );
  const identity = readIdentity(config.dataFolder);
  const storage = { failure: () => blobs.failure, assertHolds: (event: NewEvent) => assertHolds(blobs, event) };
  const commits = committer(db, now, (error) => log.error('a listener failed', { error: String(error) }), storage);
  const listeners: Listener[] = [];
  const publish = (message: StreamMessage): void => {
    stream.publish(message);
    for (const listener of listeners) listener(message);
  };
  const context: Context = { db, blobs, log, now, commit: commits.commit, publish };
  const pages = pageSessions(now);
  const identify = identities(context, identity.token, pages.whose);
  const admission = { identify, hosts: new Set(config.hosts) };
  const stream = eventStream(context, admission, pages);
  const deploys = deployer(context);
  commits.onCommitted((events) => {
    deploys.heard(events);
    renamed(db, events);
    stream.committed(events);
    for (const listener of listeners) listener({ kind: 'committed', events });
  });
  const close = async (): Promise<void> => {
    await deploys.close();
    await context.commit({ actor: 'stop' }, () => ({ events: [], result: () => null })).catch(() => undefined);
    await blobs.close();
    db.close();
    lock.release();
  };
  const listen = (listener: Listener): void => void listeners.push(listener);
  const failure = (): string | null => commits.failure ?? null;
  return { context, stream, pages, identity, admission, listen, deploys, failure, close };
}

/** Creates files that only this account can read, even if others may enter the data folder. */
function privately<T>(make: () => T): T {
  if (!isMainThread) return make();
  const before = process.umask(0o077);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}
