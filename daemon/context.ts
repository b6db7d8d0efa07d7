import type { BlobStore } from './blobs/store.ts';
import type { Database } from './db/database.ts';
import type { LoggedEvent } from './db/log.ts';
import type { Logger } from './log.ts';
import type { NewEvent } from './protocol/events.ts';
import type { Rights } from './protocol/token.ts';
import type { StreamMessage } from './protocol/stream.ts';

/** Everything that an operation may touch: always its first parameter. */
export interface Context {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly log: Logger;
  /** Epoch milliseconds; injected, so that tests own the clock. */
  readonly now: () => number;
  readonly commit: Commit;
  /** Tells every connected client something that is not stored. */
  readonly publish: (message: StreamMessage) => void;
}

export interface Decision<T> {
  events: NewEvent[];
  result: (committed: LoggedEvent[]) => T;
}

/** Who asks, and the key under which a repeated request gets the first one's answer. */
export interface Caller {
  actor: string;
  /** Rights of the token; absent where the daemon itself acts. */
  rights?: Rights;
  idempotency?: {
    key: string;
    request: Buffer;
    /** Set by the commit that recorded the reply; further commits of the same request neither look for one nor record one. */
    recorded?: boolean;
  };
  /** Aborted when whoever asked has gone before the answer. */
  gone?: AbortSignal;
}

/**
 * Runs `decide` inside the next transaction, appends and applies its events, and resolves after COMMIT. What `decide`
 * throws takes back only its own events. Commands that arrive in one tick share a transaction, each on its savepoint.
 */
export type Commit = <T>(caller: Caller, decide: () => Decision<T>) => Promise<T>;
