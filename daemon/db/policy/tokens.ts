import type { Database, Row } from '../database.ts';
import type { Role, TokenInfo } from '../../protocol/token.ts';

const tokenColumns = 'id, owner, role, models, pointers, created_at, until, revoked_at';

/** Returns every token that was ever created, oldest first. */
export function tokensOf(db: Database): TokenInfo[] {
  return db.sql(`SELECT ${tokenColumns} FROM tokens ORDER BY created_at, id`).all().map(tokenFromRow);
}

/** Returns a token by its SHA-256, hex; undefined for none. */
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
