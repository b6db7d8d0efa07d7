import type { Database, Row } from '../database.ts';
import { groupedBy } from '../group-rows.ts';
import { assertedAs } from './people.ts';
import type { Approval } from '../../protocol/approval.ts';
import type { PointerKind } from '../../protocol/model.ts';
import type { Role } from '../../protocol/token.ts';

/** Returns requests, approvals and rejections of a version, oldest first. */
export function approvalsOf(db: Database, model: string, number: number): Approval[] {
  const text = `SELECT seq, at, actor, kind, name, decision, person, role, text, until FROM approvals
    WHERE model = ? AND number = ? ORDER BY seq`;
  return db
    .sql(text)
    .all(model, number)
    .map((row) => approvalFromRow(db, row));
}

/** Returns them for every version of a model, by number. */
export function approvalsByNumber(db: Database, model: string): Map<number, Approval[]> {
  const text = `SELECT number, seq, at, actor, kind, name, decision, person, role, text, until FROM approvals
    WHERE model = ? ORDER BY seq`;
  return groupedBy(db.sql(text).all(model), 'number', (row) => approvalFromRow(db, row));
}

function approvalFromRow(db: Database, row: Row): Approval {
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    actor: String(row['actor']),
    kind: String(row['kind']) as PointerKind,
    name: String(row['name']),
    decision: String(row['decision']) as Approval['decision'],
    person: String(row['person']),
    ...assertedAs(db, String(row['person']), Number(row['seq'])),
    role: String(row['role']) as Role,
    text: String(row['text']),
    until: Number(row['until']),
  };
}

/** Returns requests that have not expired at `now` and whose version is not on the pointer, newest first, at most 200. */
export function openRequests(db: Database, now: number): { model: string; number: number; request: Approval }[] {
  const text = `SELECT model, number, seq, at, actor, kind, name, decision, person, role, text, until FROM approvals AS asked
    WHERE decision = 'requested' AND until > ?
      AND NOT EXISTS (SELECT 1 FROM pointers WHERE pointers.model = asked.model AND pointers.kind = asked.kind
        AND pointers.name = asked.name AND holder = asked.number)
      AND NOT EXISTS (SELECT 1 FROM approvals AS later WHERE later.decision = 'requested' AND later.model = asked.model
        AND later.number = asked.number AND later.kind = asked.kind AND later.name = asked.name AND later.seq > asked.seq)
    ORDER BY seq DESC LIMIT 200`;
  return db
    .sql(text)
    .all(now)
    .map((row) => ({
      model: String(row['model']),
      number: Number(row['number']),
      request: approvalFromRow(db, row),
    }));
}

/** Returns the time of the last approval, rejection or comment on a version of a model (by id); undefined for none. */
export function lastReviewOf(db: Database, model: string): number | undefined {
  const text = `SELECT max(at) AS at FROM (SELECT at FROM approvals WHERE model = ? AND decision <> 'requested'
    UNION ALL SELECT at FROM comments WHERE model = ?)`;
  const at = db.sql(text).get(model, model)?.['at'];
  return at === null || at === undefined ? undefined : Number(at);
}
