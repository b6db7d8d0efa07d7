import type { BlobStore } from './blobs/store.ts';
import type { Database } from './db/database.ts';
import type { LoggedEvent } from './db/log.ts';
import type { Logger } from './log.ts';
import type { NewEvent } from './protocol/events.ts';
import type { Rights } from './protocol/token.ts';
import type { StreamMessage } from './protocol/stream.ts';

/** Everything that an operation may use; always its first parameter. */
export interface Context {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly log: Logger;
  /** Returns epoch ms. A parameter, so that tests control the clock. */
  readonly now: () => number;
  readonly commit: Commit;
  /** Sends a message that is not stored to every connected client. */
  readonly publish: (message: StreamMessage) => void;
}

export interface Decision<T> {
  events: NewEvent[];
  result: (committed: LoggedEvent[]) => T;
}

/** The actor and rights of a request, and the key under which a repeated request gets the first reply. */
export interface Caller {
  actor: string;
  /** Rights of the token; absent if the service itself acts. */
  rights?: Rights;
  idempotency?: {
    key: string;
    request: Buffer;
    /** Set by the commit that stored the reply. Further commits of the same request neither look for one nor store one. */
    recorded?: boolean;
  };
  /** Aborted when the client has disconnected before the reply. */
  gone?: AbortSignal;
  /** True if nobody waits: the command may share the transaction of the next one, for which it waits a few ms. */
  isBackground?: true;
}

/**
 * Runs `decide` inside the next transaction, appends and applies its events, and resolves after COMMIT. An error of `decide`
 * rolls back only its own events. Commands that arrive in one tick share a transaction. If one of them is refused, all are rolled
 * back and `decide` runs again, so it changes nothing but the database.
 */
export type Commit = <T>(caller: Caller, decide: () => Decision<T>) => Promise<T>;
