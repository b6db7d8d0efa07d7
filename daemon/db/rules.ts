import type { Database, Row } from './database.ts';
import { groupedBy } from './group-rows.ts';
import type { Digest, PointerKind } from '../protocol/model.ts';
import type { DeploymentBody } from '../protocol/events.ts';
import type { Approval } from '../protocol/approval.ts';
import type { Deployment } from '../protocol/deployment.ts';
import type { Role, TokenInfo } from '../protocol/token.ts';

/** The plinth.yaml that a model (by id) is bound to. */
export function policyRow(db: Database, model: string): { path: string; digest: string } | undefined {
  const row = db.sql('SELECT path, digest FROM policies WHERE model = ?').get(model);
  return row && { path: String(row['path']), digest: String(row['digest']) };
}

/** What was asked and said about a version, the oldest first. */
export function approvalsOf(db: Database, model: string, number: number): Approval[] {
  const text = `SELECT seq, at, actor, kind, name, decision, person, role, text, until FROM approvals
    WHERE model = ? AND number = ? ORDER BY seq`;
  return db
    .sql(text)
    .all(model, number)
    .map((row) => approvalFromRow(db, row));
}

/** The same of every version of a model, by its number. */
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

const tokenColumns = 'id, owner, role, models, pointers, created_at, until, revoked_at';

/** Every token that was ever made, the oldest first. */
export function tokensOf(db: Database): TokenInfo[] {
  return db.sql(`SELECT ${tokenColumns} FROM tokens ORDER BY created_at, id`).all().map(tokenFromRow);
}

/** By the SHA-256 of the token, hex. */
export function tokenByHash(db: Database, hash: string): TokenInfo | undefined {
  const row = db.sql(`SELECT ${tokenColumns} FROM tokens WHERE hash = ?`).get(hash);
  return row && tokenFromRow(row);
}

function tokenFromRow(row: Row): TokenInfo {
  return {
    id: String(row['id']),
    owner: String(row['owner']),
    role: String(row['role']) as Role,
    models: JSON.parse(String(row['models'])) as string[],
    pointers: JSON.parse(String(row['pointers'])) as string[],
    createdAt: Number(row['created_at']),
    until: row['until'] === null ? null : Number(row['until']),
    revokedAt: row['revoked_at'] === null ? null : Number(row['revoked_at']),
  };
}

/** What a person is called, as it stood at event `seq`. */
export function assertedBy(db: Database, person: string, seq: number): { name: string; email: string } | undefined {
  const text = 'SELECT name, email FROM people WHERE person = ? AND seq <= ? ORDER BY seq DESC LIMIT 1';
  const row = db.sql(text).get(person, seq);
  return row && { name: String(row['name']), email: String(row['email']) };
}

/** The same as people write it, to be spread into what names the person; empty where nothing is known. */
export function assertedAs(db: Database, person: string, seq: number): { asserted?: string } {
  const found = assertedBy(db, person, seq);
  if (!found) return {};
  const parts = [found.name, found.email === '' ? '' : `<${found.email}>`];
  return { asserted: parts.filter((part) => part !== '').join(' ') };
}

/** A plinth.yaml that somebody trusts: the digest of its text, and those of the files that its commands call. */
export function trustedFile(db: Database, path: string): { digest: string; files: Record<string, Digest> } | undefined {
  const row = db.sql('SELECT digest FROM trusted_files WHERE path = ?').get(path);
  const [digest, ...lines] = row ? String(row['digest']).split('\n') : [];
  if (digest === undefined) return undefined;
  const files = lines.map((line) => {
    const at = line.indexOf(' ');
    return [JSON.parse(line.slice(at + 1)) as string, line.slice(0, at) as Digest];
  });
  return { digest, files: Object.fromEntries(files) as Record<string, Digest> };
}

/** How a table keeps what is trusted: a line with the text's digest, then one with digest and name for each file that it calls. */
export function trustText(digest: Digest, files: Readonly<Record<string, Digest>> = {}): string {
  const lines = Object.entries(files).map(([name, one]) => `${one} ${JSON.stringify(name)}`);
  return [digest, ...lines.toSorted()].join('\n');
}

/** Requests for approval that are not expired at `now`, whose version does not hold the pointer; the newest first, at most 200. */
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

/** What was run for a version after a pointer moved to it, the oldest first. */
export function deploymentsOf(db: Database, model: string, number: number): Deployment[] {
  const text = 'SELECT * FROM deployments WHERE model = ? AND number = ? ORDER BY moved';
  return db.sql(text).all(model, number).map(deploymentFromRow);
}

/** Deployments that were begun and of which no end is known, with the id of their model. */
export function openDeployments(db: Database): DeploymentBody[] {
  const rows = db.sql('SELECT * FROM deployments WHERE finished_at IS NULL ORDER BY moved').all();
  return rows.map((row) => {
    const { kind, name, moved } = deploymentFromRow(row);
    return { model: String(row['model']), number: Number(row['number']), kind, name, moved };
  });
}

/** Blobs that hold what deployments printed. */
export function deploymentDigests(db: Database): string[] {
  const rows = db.sql('SELECT output FROM deployments WHERE output IS NOT NULL').all();
  return rows.map((row) => String(row['output']));
}

function deploymentFromRow(row: Row): Deployment {
  const orNull = (key: string): number | null => (row[key] === null ? null : Number(row[key]));
  const text = (key: string): string | null => (row[key] === null ? null : String(row[key]));
  return {
    moved: Number(row['moved']),
    kind: String(row['kind']) as PointerKind,
    name: String(row['name']),
    run: String(row['run']),
    startedAt: Number(row['started_at']),
    finishedAt: orNull('finished_at'),
    exit: orNull('exit'),
    problem: text('problem'),
    said: text('said') ?? '',
    output: text('output'),
  };
}

/** When somebody last approved, rejected or commented on a version of a model (by id). */
export function lastReviewOf(db: Database, model: string): number | undefined {
  const text = `SELECT max(at) AS at FROM (SELECT at FROM approvals WHERE model = ? AND decision <> 'requested'
    UNION ALL SELECT at FROM comments WHERE model = ?)`;
  const at = db.sql(text).get(model, model)?.['at'];
  return at === null || at === undefined ? undefined : Number(at);
}
