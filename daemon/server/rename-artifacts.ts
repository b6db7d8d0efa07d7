import { renameInArtifacts } from '../db/artifacts.ts';
import type { Database } from '../db/database.ts';
import type { LoggedEvent } from '../db/log.ts';

/** Artifacts name their model for people: a rename is carried over to them. */
export function renamed(db: Database, events: readonly LoggedEvent[]): void {
  for (const event of events) {
    if (event.type === 'model.renamed/1') renameInArtifacts(db, event.body.before, event.body.name);
  }
}
