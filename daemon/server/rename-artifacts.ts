import { moveInArtifacts, renameInArtifacts } from '../db/artifacts.ts';
import type { Database } from '../db/database.ts';
import type { LoggedEvent } from '../db/log.ts';
import { moveEvidenceUses } from '../db/log-writes.ts';

/** Updates models' names and versions' numbers in the tables that no event writes. */
export function renamed(db: Database, events: readonly LoggedEvent[]): void {
  for (const { type, body } of events) {
    if (type === 'model.renamed/1') renameInArtifacts(db, body.before, body.name);
    if (type === 'model.merged/1') {
      moveInArtifacts(db, body.name, body.intoName, body.versions);
      moveEvidenceUses(db, body.model, body.into, body.versions);
      renameInArtifacts(db, body.name, body.intoName);
    }
    if (type === 'model.unmerged/1') {
      const back = body.versions.map(([from, to]): [number, number] => [to, from]);
      moveInArtifacts(db, body.intoName, body.name, back);
      moveEvidenceUses(db, body.into, body.model, back);
    }
  }
}
