import type { Database } from '../database.ts';
import type { Appliers } from './appliers.ts';

/** Applies the events that merge models and undo merges. */
export const mergeAppliers: Pick<Appliers, 'model.merged/1' | 'model.unmerged/1'> = {
  'model.merged/1': (db, body, event) => {
    for (const [from, to] of body.versions) carryWords(db, [body.model, from], [body.into, to]);
    db.sql('UPDATE models SET name = id, deleted_name = ?, merged_into = ? WHERE id = ?').run(
      body.name,
      body.into,
      body.model,
    );
    db.sql('UPDATE pointers SET holder = NULL, seq = ? WHERE model = ?').run(event.seq, body.model);
    db.sql('UPDATE former_names SET model = ? WHERE model = ?').run(body.into, body.model);
    db.sql('INSERT OR REPLACE INTO former_names VALUES (?, ?)').run(body.name, body.into);
    db.sql('UPDATE models SET changed_at = ? WHERE id = ?').run(event.at, body.into);
  },
  'model.unmerged/1': (db, body, event) => {
    db.sql('UPDATE models SET name = ?, deleted_name = NULL, merged_into = NULL, changed_at = ? WHERE id = ?').run(
      body.name,
      event.at,
      body.model,
    );
    for (const [from, to] of body.versions) giveBack(db, [body.model, from], [body.into, to]);
    for (const { kind, name, holder } of body.pointers)
      db.sql('UPDATE pointers SET holder = ?, seq = ? WHERE model = ? AND kind = ? AND name = ?').run(
        holder,
        event.seq,
        body.model,
        kind,
        name,
      );
    db.sql('DELETE FROM former_names WHERE name = ?').run(body.name);
    for (const name of body.formerNames)
      db.sql('UPDATE former_names SET model = ? WHERE name = ? AND model = ?').run(body.model, name, body.into);
    db.sql('UPDATE models SET updated_at = ?, updated_seq = ?, changed_at = ? WHERE id = ?').run(
      event.at,
      event.seq,
      event.at,
      body.into,
    );
  },
};

type Key = [model: string, number: number];

/** Copies creation time, registrant, description and comments to a merged version. */
function carryWords(db: Database, from: Key, to: Key): void {
  db.sql(
    `UPDATE versions SET (created_at, actor, description) =
       (SELECT created_at, actor, description FROM versions WHERE model = ? AND number = ?)
     WHERE model = ? AND number = ?`,
  ).run(...from, ...to);
  carryTagsAndComments(db, from, to);
}

/** Returns a version to its former model, with changes made since. Its number in the other model then resolves to it. */
function giveBack(db: Database, own: Key, other: Key): void {
  db.sql(
    `UPDATE versions SET moved_to_model = NULL, moved_to_number = NULL, (state, digest, description, metrics, params, body) =
       (SELECT state, digest, description, metrics, params, json_set(merged.body, '$.model', versions.model,
          '$.number', versions.number, '$.source', json(versions.body -> '$.source'), '$.stage', versions.body ->> '$.stage')
        FROM versions AS merged WHERE merged.model = ? AND merged.number = ?)
     WHERE model = ? AND number = ?`,
  ).run(...other, ...own);
  const text = `UPDATE versions SET state = 'moved', moved_to_model = ?, moved_to_number = ? WHERE model = ? AND number = ?`;
  db.sql(text).run(...own, ...other);
  db.sql('DELETE FROM evidence WHERE model = ? AND number = ?').run(...own);
  db.sql('UPDATE evidence SET model = ?, number = ? WHERE model = ? AND number = ?').run(...own, ...other);
  db.sql('DELETE FROM lineage WHERE model = ? AND number = ?').run(...own);
  db.sql('UPDATE lineage SET model = ?, number = ? WHERE model = ? AND number = ?').run(...own, ...other);
  carryTagsAndComments(db, other, own);
}

function carryTagsAndComments(db: Database, from: Key, to: Key): void {
  db.sql('DELETE FROM version_tags WHERE model = ? AND number = ?').run(...to);
  db.sql('UPDATE version_tags SET model = ?, number = ? WHERE model = ? AND number = ?').run(...to, ...from);
  db.sql('UPDATE comments SET model = ?, number = ? WHERE model = ? AND number = ?').run(...to, ...from);
}
