import type { Caller, Commit, Decision } from '../context.ts';
import type { Database } from '../db/database.ts';
import { apply } from '../db/apply.ts';
import { rememberReply, replyTo } from '../db/idempotency.ts';
import { append, type LoggedEvent } from '../db/log.ts';
import { RegistryError, diskFull, isDiskFull, messageOf, systemCode } from '../errors.ts';

interface Waiting {
  caller: Caller;
  decide: () => Decision<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

interface Outcome {
  settle: () => void;
  events: LoggedEvent[];
}

export interface Committer {
  commit: Commit;
  /** Called after COMMIT with every committed event, in order. What a listener throws is reported and goes no further. */
  onCommitted(listener: (events: LoggedEvent[]) => void): void;
  /** Set once a commit could not be made durable: from then on every write is refused with this sentence. */
  readonly failure: string | undefined;
}

export function committer(db: Database, now: () => number, onListenerError: (error: unknown) => void): Committer {
  const listeners: ((events: LoggedEvent[]) => void)[] = [];
  let queue: Waiting[] = [];
  let failure: string | undefined;

  const flush = (): void => {
    const batch = queue;
    queue = [];
    if (failure !== undefined) return rejectAll(batch, new RegistryError('read-only', failure));
    try {
      const outcomes = runBatch(db, batch, now());
      for (const outcome of outcomes) outcome.settle();
      const events = outcomes.flatMap((outcome) => outcome.events);
      if (events.length > 0) announce(listeners, events, onListenerError);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.code === 'read-only') failure = refusal.message;
      rejectAll(batch, refusal);
    }
  };

  const commit: Commit = <T>(caller: Caller, decide: () => Decision<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (queue.length === 0) setImmediate(flush);
      queue.push({ caller, decide, resolve: resolve as (value: unknown) => void, reject });
    });

  return {
    commit,
    onCommitted: (listener) => void listeners.push(listener),
    get failure() {
      return failure;
    },
  };
}

function rejectAll(batch: Waiting[], error: unknown): void {
  for (const waiting of batch) waiting.reject(error);
}

/** One transaction for the whole batch, one savepoint a command. */
function runBatch(db: Database, batch: Waiting[], at: number): Outcome[] {
  return db.raw.transaction(() => batch.map((waiting) => runOne(db, waiting, at))).immediate();
}

function runOne(db: Database, waiting: Waiting, at: number): Outcome {
  db.sql('SAVEPOINT command').run();
  try {
    const { value, events } = perform(db, waiting, at);
    db.sql('RELEASE command').run();
    return { settle: () => waiting.resolve(value), events };
  } catch (error) {
    if (isStorageError(error)) throw error;
    db.sql('ROLLBACK TO command').run();
    db.sql('RELEASE command').run();
    return { settle: () => waiting.reject(error), events: [] };
  }
}

function perform(db: Database, { caller, decide }: Waiting, at: number): { value: unknown; events: LoggedEvent[] } {
  const { idempotency, actor } = caller;
  const known = idempotency && replyTo(db, idempotency.key);
  if (known && idempotency) {
    if (known.request.equals(idempotency.request)) return { value: JSON.parse(known.reply) as unknown, events: [] };
    const text = 'this Idempotency-Key was used for another request; use a new key for a new request';
    throw new RegistryError('conflict', text);
  }
  const decision = decide();
  const events = decision.events.map((event) => {
    const committed = append(db, event, at, actor);
    apply(db, committed);
    return committed;
  });
  const value = decision.result(events);
  if (idempotency) rememberReply(db, idempotency.key, idempotency.request, JSON.stringify(value ?? null), at);
  return { value, events };
}

function announce(
  listeners: readonly ((events: LoggedEvent[]) => void)[],
  events: LoggedEvent[],
  onListenerError: (error: unknown) => void,
): void {
  for (const listener of listeners) {
    try {
      listener(events);
    } catch (error) {
      onListenerError(error);
    }
  }
}

function isStorageError(error: unknown): boolean {
  return systemCode(error)?.startsWith('SQLITE_') === true && !systemCode(error)?.startsWith('SQLITE_CONSTRAINT');
}

/** A full disk passes by itself; any other failure of the storage is final, because an fsync that failed is never retried. */
function refusalOf(error: unknown): RegistryError {
  const code = systemCode(error);
  if (isDiskFull(error)) return diskFull();
  const text = `the registry can no longer be written (${code ?? messageOf(error)}); check the disk, then restart the service`;
  return new RegistryError('read-only', text);
}
