import type { EventBodies, EventType, RegistryEvent } from '../../protocol/events.ts';
import type { Database } from '../connection.ts';

export type Envelope = Pick<RegistryEvent, 'seq' | 'at' | 'actor'>;

/** For each type of event, the function that writes it into the derived tables. */
export type Appliers = { [T in EventType]: (db: Database, body: EventBodies[T], event: Envelope) => void };
