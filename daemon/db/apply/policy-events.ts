import type { Appliers } from './appliers.ts';
import { trustText } from '../policy/policies.ts';

type RuleEvent = Extract<
  keyof Appliers,
  | 'model.policy/1'
  | `approval.${string}`
  | `token.${string}`
  | `file.${string}`
  | `deployment.${string}`
  | `person.${string}`
  | `webhook.${string}`
>;

const saidOf = 'INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** Webhooks are stored beside the registry; the log only says who changed them. */
const nothingDerived = (): void => undefined;

/** Applies events of policies, approvals, tokens, trust, deployments, people and webhooks. */
export const ruleAppliers: Pick<Appliers, RuleEvent> = {
  'model.policy/1': (db, { model, path, digest }, { at, actor }) => {
    db.sql('INSERT OR REPLACE INTO policies VALUES (?, ?, ?, ?, ?)').run(model, path, digest, at, actor);
  },
  'approval.asked/1': (db, { model, number, kind, name, person, until, reason }, { seq, at, actor }) => {
    db.sql(saidOf).run(seq, model, number, kind, name, 'requested', person, 'contributor', reason, until, at, actor);
  },
  'approval.given/1': (db, body, { seq, at, actor }) => {
    const { model, number, kind, name, decision, person, role, comment, until } = body;
    db.sql(saidOf).run(seq, model, number, kind, name, decision, person, role, comment, until, at, actor);
  },
  'token.made/1': (db, { id, owner, role, models, pointers, hash, until }, { at }) => {
    const text = `INSERT OR IGNORE INTO tokens (id, owner, role, models, pointers, hash, created_at, until)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
    db.sql(text).run(id, owner, role, JSON.stringify(models), JSON.stringify(pointers), hash, at, until);
  },
  'token.revoked/1': (db, { id }, { at }) => {
    db.sql('UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?').run(at, id);
  },
  'file.trusted/1': (db, { path, digest, files }, { at, actor }) => {
    db.sql('INSERT OR REPLACE INTO trusted_files VALUES (?, ?, ?, ?)').run(path, trustText(digest, files), at, actor);
  },
  'person.asserted/1': (db, { person, name, email }, { seq }) => {
    db.sql('INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?)').run(seq, person, name, email);
  },
  'deployment.started/1': (db, { moved, model, number, kind, name, run }, { at }) => {
    const text = `INSERT OR IGNORE INTO deployments (moved, model, number, kind, name, run, started_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`;
    db.sql(text).run(moved, model, number, kind, name, run, at);
  },
  'deployment.finished/1': (db, { moved, exit, problem, said, output }, { at }) => {
    const text = 'UPDATE deployments SET finished_at = ?, exit = ?, problem = ?, said = ?, output = ? WHERE moved = ?';
    db.sql(text).run(at, exit, problem, said, output, moved);
  },
  'webhook.added/1': nothingDerived,
  'webhook.changed/1': nothingDerived,
  'webhook.removed/1': nothingDerived,
  'file.untrusted/1': (db, { path }) => {
    db.sql('DELETE FROM trusted_files WHERE path = ?').run(path);
  },
};
