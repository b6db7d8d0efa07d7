import type { Database } from '../database.ts';
import type { Appliers, Envelope } from './appliers.ts';
import { evidenceOf } from '../evidence.ts';
import { mergeAppliers } from './merge-events.ts';
import { ruleAppliers } from './policy-events.ts';
import { countedEvidence } from '../../shared/evidence.ts';
import type { EventBodies, RegistryEvent, VersionBody } from '../../protocol/events.ts';
import type { NameOrigin } from '../../protocol/model.ts';

/**
 * Writes an event into the derived tables, as their only writer. Applying it twice gives the same tables as once. Runs inside the
 * caller's transaction.
 */
export function apply(db: Database, event: RegistryEvent): void {
  const applier = appliers[event.type] as (db: Database, body: unknown, envelope: Envelope) => void;
  applier(db, event.body, event);
  if ('model' in event.body && event.type !== 'version.evidence-judged/1') touch(db, event.body.model, event);
}

function touch(db: Database, model: string, event: Envelope): void {
  db.sql('UPDATE models SET updated_at = ?, updated_seq = ? WHERE id = ?').run(event.at, event.seq, model);
}

/** Records that a model itself was changed: its name, descriptions, versions or their stages. */
function markChanged(db: Database, model: string, event: Envelope): void {
  db.sql('UPDATE models SET changed_at = ? WHERE id = ?').run(event.at, model);
}

const byUser = JSON.stringify({ by: 'user', from: '' } satisfies NameOrigin);

const appliers: Appliers = {
  ...ruleAppliers,
  ...mergeAppliers,
  'model.created/1': (db, body, event) => {
    const text =
      'INSERT OR IGNORE INTO models (id, name, created_at, updated_at, updated_seq, named) VALUES (?, ?, ?, ?, ?, ?)';
    const named = body.named === undefined ? null : JSON.stringify(body.named);
    db.sql(text).run(body.model, body.name, event.at, event.at, event.seq, named);
    markChanged(db, body.model, event);
  },
  'model.deleted/1': (db, { model, name, until }, event) => {
    db.sql('UPDATE models SET name = id, deleted_name = ? WHERE id = ?').run(name, model);
    db.sql('DELETE FROM former_names WHERE model = ?').run(model);
    const text = `UPDATE versions SET state = 'deleted', deleted_until = ? WHERE model = ? AND state IN ('ready', 'damaged')`;
    db.sql(text).run(until, model);
    db.sql('UPDATE pointers SET holder = NULL, seq = ? WHERE model = ?').run(event.seq, model);
  },
  'model.undeleted/1': (db, { model, name, until }, event) => {
    db.sql('UPDATE models SET name = ?, deleted_name = NULL WHERE id = ?').run(name, model);
    const text = `UPDATE versions SET state = 'ready', deleted_until = NULL
      WHERE model = ? AND state = 'deleted' AND deleted_until = ?`;
    db.sql(text).run(model, until);
    markChanged(db, model, event);
  },
  'model.renamed/1': (db, body, event) => {
    db.sql('UPDATE models SET name = ?, named = ? WHERE id = ?').run(body.name, byUser, body.model);
    db.sql('DELETE FROM former_names WHERE name = ?').run(body.name);
    db.sql('INSERT OR REPLACE INTO former_names VALUES (?, ?)').run(body.before, body.model);
    markChanged(db, body.model, event);
  },
  'model.card/1': (db, { model, digest }, { at, actor }) => {
    db.sql('INSERT OR REPLACE INTO cards (model, digest, at, actor) VALUES (?, ?, ?, ?)').run(model, digest, at, actor);
  },
  'model.described/1': (db, body, event) => {
    db.sql('UPDATE models SET description = ? WHERE id = ?').run(body.description, body.model);
    markChanged(db, body.model, event);
  },
  'model.metrics/1': (db, { model, metrics }) => {
    db.sql('UPDATE models SET pinned_metrics = ? WHERE id = ?').run(JSON.stringify(metrics), model);
  },
  'model.tagged/1': (db, body) => {
    if (body.value === null) db.sql('DELETE FROM model_tags WHERE model = ? AND key = ?').run(body.model, body.key);
    else db.sql('INSERT OR REPLACE INTO model_tags VALUES (?, ?, ?)').run(body.model, body.key, body.value);
  },
  'version.registered/1': (db, body, event) => {
    db.sql(
      `INSERT OR IGNORE INTO versions (model, number, state, stage, digest, body, created_at, actor, seq, updated_at)
       VALUES (?, ?, 'ready', ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      body.model,
      body.number,
      body.stage,
      body.digest,
      JSON.stringify(body),
      body.source.imported?.createdAt ?? event.at,
      event.actor,
      event.seq,
      event.at,
    );
    markChanged(db, body.model, event);
    db.sql('UPDATE models SET last_number = max(last_number, ?) WHERE id = ?').run(body.number, body.model);
  },
  'version.completed/1': (db, { added: _added, before: _before, ...whole }, event) => {
    const body = bodyOf(db, whole);
    if (!body) return;
    const sourced = body.problems.filter(({ source }) => source !== undefined);
    const text = JSON.stringify({ ...body, ...whole, problems: [...whole.problems, ...sourced] });
    const update = 'UPDATE versions SET digest = ?, body = ?, updated_at = ? WHERE model = ? AND number = ?';
    db.sql(update).run(whole.digest, text, event.at, whole.model, whole.number);
    markChanged(db, whole.model, event);
  },
  'version.evidence/1': (db, body, event) => {
    const text = `INSERT OR REPLACE INTO evidence (seq, model, number, at, actor, source, digest, metrics, params, origin)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    db.sql(text).run(
      event.seq,
      body.model,
      body.number,
      event.at,
      event.actor,
      body.source,
      body.digest,
      JSON.stringify(body.metrics),
      JSON.stringify(body.params),
      body.origin === undefined ? null : JSON.stringify(body.origin),
    );
    if (body.problems !== undefined) setProblems(db, body, body.problems);
    mergeEvidence(db, body.model, body.number);
  },
  'version.evidence-detached/1': (db, { model, number, source }, { seq }) => {
    const text = `UPDATE evidence SET detached = ?
      WHERE model = ? AND number = ? AND source = ? AND seq < ? AND detached IS NULL`;
    db.sql(text).run(seq, model, number, source, seq);
    mergeEvidence(db, model, number);
  },
  'version.evidence-restored/1': (db, { model, number, undoes }) => {
    const text = 'UPDATE evidence SET detached = NULL WHERE model = ? AND number = ? AND detached = ?';
    db.sql(text).run(model, number, undoes);
    mergeEvidence(db, model, number);
  },
  'version.evidence-judged/1': (db, { model, number, judged }) => {
    const text = 'UPDATE evidence SET origin = ? WHERE seq = ? AND model = ? AND number = ? AND origin IS NULL';
    for (const { seq, origin } of judged) db.sql(text).run(JSON.stringify(origin), seq, model, number);
    mergeEvidence(db, model, number);
  },
  'version.lineage/1': (db, body, event) => {
    const { model, number, digest, blobs, summary } = body;
    const text =
      'INSERT OR REPLACE INTO lineage (model, number, seq, digest, blobs, summary) VALUES (?, ?, ?, ?, ?, ?)';
    db.sql(text).run(model, number, event.seq, digest, JSON.stringify(blobs), JSON.stringify(summary));
  },
  'version.described/1': (db, body, event) => {
    const text = 'UPDATE versions SET description = ?, updated_at = ? WHERE model = ? AND number = ?';
    db.sql(text).run(body.description, event.at, body.model, body.number);
  },
  'version.tagged/1': (db, body) => {
    const { model, number, key, value } = body;
    if (value === null) {
      db.sql('DELETE FROM version_tags WHERE model = ? AND number = ? AND key = ?').run(model, number, key);
    } else db.sql('INSERT OR REPLACE INTO version_tags VALUES (?, ?, ?, ?)').run(model, number, key, value);
  },
  'version.commented/1': (db, body, event) => {
    const text = 'INSERT OR REPLACE INTO comments VALUES (?, ?, ?, ?, ?, ?)';
    db.sql(text).run(event.seq, body.model, body.number, event.at, event.actor, body.text);
  },
  'version.staged/1': (db, body, event) => {
    setStage(db, body.model, body.number, body.stage, event);
    markChanged(db, body.model, event);
  },
  'version.moved/1': (db, body, event) => {
    markChanged(db, body.model, event);
    const text = `UPDATE versions SET state = 'moved', moved_to_model = ?, moved_to_number = ? WHERE model = ? AND number = ?`;
    db.sql(text).run(body.toModel, body.toNumber, body.model, body.number);
  },
  'version.deleted/1': (db, body, event) => {
    markChanged(db, body.model, event);
    const text = `UPDATE versions SET state = 'deleted', deleted_until = ? WHERE model = ? AND number = ?`;
    db.sql(text).run(body.until, body.model, body.number);
  },
  'version.undeleted/1': (db, body) => setState(db, body.model, body.number, 'ready'),
  'version.purged/1': (db, body) => {
    const text = 'UPDATE versions SET deleted_until = 0 WHERE model = ? AND number = ?';
    db.sql(text).run(body.model, body.number);
  },
  'version.damaged/1': (db, body) => setState(db, body.model, body.number, 'damaged'),
  'version.healed/1': (db, body) => setState(db, body.model, body.number, 'ready'),
  'pointer.moved/1': (db, body, event) => {
    db.sql('INSERT OR REPLACE INTO pointers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      body.model,
      body.kind,
      body.name,
      body.after.holder,
      JSON.stringify(body.after.previous),
      event.seq,
      event.at,
      event.actor,
      body.reason,
    );
    for (const [number, stage] of body.after.stages) setStage(db, body.model, number, stage, event);
    if (body.kind === 'stage') markChanged(db, body.model, event);
  },
  'root.watched/1': (db, body, event) => {
    db.sql('INSERT OR IGNORE INTO roots (path, added_at) VALUES (?, ?)').run(body.path, event.at);
  },
  'root.unwatched/1': (db, body) => {
    db.sql('DELETE FROM roots WHERE path = ?').run(body.path);
  },
  'root.paused/1': (db, body) => {
    db.sql('UPDATE roots SET paused = 1 WHERE path = ?').run(body.path);
  },
  'root.resumed/1': (db, body) => {
    db.sql('UPDATE roots SET paused = 0 WHERE path = ?').run(body.path);
  },
  'pattern.ignored/1': (db, body, event) => {
    db.sql('INSERT OR IGNORE INTO ignored_patterns VALUES (?, ?)').run(body.pattern, event.seq);
  },
  'pattern.unignored/1': (db, body) => {
    db.sql('DELETE FROM ignored_patterns WHERE pattern = ?').run(body.pattern);
  },
};

function setStage(db: Database, model: string, number: number, stage: string, { at }: Envelope): void {
  const text = 'UPDATE versions SET stage = ?, updated_at = ? WHERE model = ? AND number = ?';
  db.sql(text).run(stage, at, model, number);
}

function setState(db: Database, model: string, number: number, state: string): void {
  const text = 'UPDATE versions SET state = ?, deleted_until = NULL WHERE model = ? AND number = ?';
  db.sql(text).run(state, model, number);
}

function bodyOf(db: Database, { model, number }: Pick<VersionBody, 'model' | 'number'>): VersionBody | undefined {
  const row = db.sql('SELECT body FROM versions WHERE model = ? AND number = ?').get(model, number);
  return row && (JSON.parse(String(row['body'])) as VersionBody);
}

/** Replaces the problems of one source of evidence by those of its newest evidence. The artifact's own problems stay. */
function setProblems(
  db: Database,
  { model, number, source }: EventBodies['version.evidence/1'],
  messages: string[],
): void {
  const body = bodyOf(db, { model, number });
  if (!body) return;
  const others = body.problems.filter((problem) => problem.source !== source);
  const own = messages.map((message) => ({ code: 'run-log', message: `${source}: ${message}`, source }));
  const text = JSON.stringify({ ...body, problems: [...others, ...own] });
  db.sql('UPDATE versions SET body = ? WHERE model = ? AND number = ?').run(text, model, number);
}

/** Merges the metrics and params of a version's evidence that counts. */
function mergeEvidence(db: Database, model: string, number: number): void {
  const counted = countedEvidence(evidenceOf(db, model, number));
  const metrics = JSON.stringify(merged(counted.map((one) => one.metrics)));
  const params = JSON.stringify(merged(counted.map((one) => one.params)));
  const text = 'UPDATE versions SET metrics = ?, params = ? WHERE model = ? AND number = ?';
  db.sql(text).run(metrics, params, model, number);
}

function merged(parts: readonly object[]): object {
  return Object.assign(Object.create(null) as object, ...parts) as object;
}
