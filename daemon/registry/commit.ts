import type { Caller, Commit, Decision } from '../context.ts';
import type { Database } from '../db/database.ts';
import { apply } from '../db/apply/apply.ts';
import { rememberReply } from '../db/idempotency.ts';
import { append, chainEnd, type ChainEnd, type LoggedEvent } from '../db/log.ts';
import { inSavepoint, inTransaction, isStorageError } from '../db/transaction.ts';
import { RegistryError, diskFull, isDiskFull, messageOf, systemCode } from '../errors.ts';
import type { NewEvent } from '../protocol/events.ts';
import { replyFor } from './idempotency.ts';

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
  /** Calls a listener after COMMIT with every committed event, in order. Its errors are logged and affect nothing else. */
  onCommitted(listener: (events: LoggedEvent[]) => void): void;
  /** Set once a commit could not be made durable: from then on every write is refused with this sentence. */
  readonly failure: string | undefined;
}

/** The storage that events refer to: whether it can be written, and whether it has their blobs. */
export interface Storage {
  failure(): string | undefined;
  /** Throws a refusal if `event` names a blob that does not exist. */
  assertHolds(event: NewEvent): void;
}

/** Longest time in ms for which a command that may wait waits for others. */
const backgroundMs = 40;

const nothingBeside: Storage = { failure: () => undefined, assertHolds: () => undefined };

export function committer(
  db: Database,
  now: () => number,
  onListenerError: (error: unknown) => void,
  storage: Storage = nothingBeside,
): Committer {
  const listeners: ((events: LoggedEvent[]) => void)[] = [];
  let queue: Waiting[] = [];
  let failure: string | undefined;
  /** True if the next tick runs the queue; a timer does for commands that may wait. */
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    isDue = false;
    const batch = queue;
    queue = [];
    const failed = failure ?? storage.failure();
    if (failed !== undefined) return rejectAll(batch, new RegistryError('read-only', failed));
    try {
      const outcomes = runBatch({ db, storage, at: now(), last: undefined }, batch);
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
      if (caller.isBackground) timer ??= setTimeout(flush, backgroundMs);
      else if (!isDue) setImmediate(flush);
      isDue ||= caller.isBackground !== true;
      queue.push({ caller, decide, resolve: resolve as (value: unknown) => void, reject });
    });

  return {
    commit,
    onCommitted: (listener) => void listeners.push(listener),
    get failure() {
      return failure ?? storage.failure();
    },
  };
}

function rejectAll(batch: Waiting[], error: unknown): void {
  for (const waiting of batch) waiting.reject(error);
}

interface Run {
  db: Database;
  storage: Storage;
  at: number;
  /** End of the chain; undefined until an event is appended, as tracking appends none. */
  last: ChainEnd | undefined;
}

/**
 * Runs a batch in one transaction. A savepoint for each command would take a sixth of the time, and few commands are refused; so
 * they first run without. If one of several is refused, all are rolled back and run again with savepoints.
 */
function runBatch(run: Run, batch: Waiting[]): Outcome[] {
  try {
    return inTransaction(run.db, () => batch.map((waiting) => performed(run, waiting)));
  } catch (error) {
    if (isStorageError(error)) throw error;
    const [only, ...others] = batch;
    if (only && others.length === 0) return [refused(only, error)];
    run.last = undefined;
    return inTransaction(run.db, () => batch.map((waiting) => runOne(run, waiting)));
  }
}

function runOne(run: Run, waiting: Waiting): Outcome {
  try {
    return inSavepoint(run.db, () => performed(run, waiting));
  } catch (error) {
    if (isStorageError(error)) throw error;
    return refused(waiting, error);
  }
}

function refused(waiting: Waiting, error: unknown): Outcome {
  return { settle: () => waiting.reject(error), events: [] };
}

function performed(run: Run, waiting: Waiting): Outcome {
  const { value, events, request } = perform(run, waiting);
  run.last = events.at(-1) ?? run.last;
  const settle = (): void => {
    if (request) request.recorded = true;
    waiting.resolve(value);
  };
  return { settle, events };
}

interface Performed {
  value: unknown;
  events: LoggedEvent[];
  /** The request whose reply this transaction stores; undefined for none. */
  request?: Caller['idempotency'] | undefined;
}

function perform(run: Run, { caller, decide }: Waiting): Performed {
  const { db, storage, at } = run;
  const { actor } = caller;
  const request = caller.idempotency?.recorded === true ? undefined : caller.idempotency;
  const known = request && replyFor(db, request);
  if (known) return { value: known.reply, events: [] };
  const decision = decide();
  let last = run.last;
  const events = decision.events.map((event) => {
    storage.assertHolds(event);
    const committed = append(db, event, at, actor, last ?? chainEnd(db));
    apply(db, committed);
    last = committed;
    return committed;
  });
  const value = decision.result(events);
  if (request) rememberReply(db, request.key, request.request, JSON.stringify(value ?? null), at);
  return { value, events, request };
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

/** Converts an error of the storage. A full disk is temporary; any other failure is final, because a failed fsync is never retried. */
function refusalOf(error: unknown): RegistryError {
  const code = systemCode(error);
  if (isDiskFull(error)) return diskFull();
  const text = `The registry can no longer be written (${code ?? messageOf(error)}). Check the disk, then restart the service.`;
  return new RegistryError('read-only', text);
}
