import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { checkDatabase } from '../../../daemon/db/check/check.ts';
import { openDatabase } from '../../../daemon/db/database.ts';
import { temporary } from '../../support/daemon.ts';
import { closedDatabase, filledRegistry } from '../checked-registry.ts';

const flips = Number(process.env['PLINTH_FLIPS'] ?? 60);
const seed = Number(process.env['PLINTH_SEED'] ?? 7);

/** Returns every row and every definition in any order. Equal for files with the same content. */
function contentOf(file: string): Map<string, string> {
  const db = new Database(file, { readonly: true });
  const content = new Map<string, string>();
  try {
    const schema = db
      .prepare<[], { type: string; name: string }>('SELECT type, name, tbl_name, sql FROM sqlite_schema')
      .all();
    content.set('sqlite_schema', JSON.stringify(schema));
    for (const { type, name } of schema) {
      if (type !== 'table') continue;
      const rows = db.prepare(`SELECT * FROM "${name}" NOT INDEXED`).all();
      content.set(
        name,
        rows
          .map((row) => JSON.stringify(row))
          .sort()
          .join('\n'),
      );
    }
  } finally {
    db.close();
  }
  return content;
}

/** Tables that no event writes. There, a changed value that is still valid cannot be recognized as changed. */
const unlogged = new Set([
  'artifacts',
  'runs',
  'saves',
  'log_writes',
  'evidence_uses',
  'model_saves',
  'idempotency',
  'meta',
  'experiments',
  'tracked_runs',
  'metric_keys',
  'metric_points',
  'latest_metrics',
  'uploads',
  'sqlite_sequence',
]);

function* randomBits(bytes: number): Generator<{ at: number; bit: number }> {
  let x = seed;
  const below = (n: number): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
  for (;;) yield { at: below(bytes), bit: below(8) };
}

/** Returns `refused` when opening fails, `found` when verify reports it, or the tables that were changed without either. */
function outcomeOf(folder: string, bytes: Buffer, original: Map<string, string>): 'refused' | 'found' | string[] {
  const file = join(folder, 'registry.db');
  for (const end of ['-wal', '-shm', '']) rmSync(file + end, { force: true });
  writeFileSync(file, bytes);
  let db;
  try {
    db = openDatabase(folder);
  } catch {
    return 'refused';
  }
  try {
    const checked = checkDatabase(file, folder, []);
    checked.close();
    if (checked.report.faults.length > 0) return 'found';
  } finally {
    db.close();
  }
  const now = contentOf(file);
  return [...original.keys()].filter((table) => now.get(table) !== original.get(table));
}

test(
  `${flips} flipped bits of registry.db are each found, or change nothing that it holds`,
  { timeout: 20_000 + flips * 1000 },
  async () => {
    const place = await filledRegistry();
    await place.daemon.stop();
    const bytes = closedDatabase(join(place.folder, 'data'));
    const folder = join(temporary(), 'data');
    mkdirSync(folder);
    writeFileSync(join(folder, 'registry.db'), bytes);
    const original = contentOf(join(folder, 'registry.db'));
    expect(outcomeOf(folder, bytes, original)).toEqual([]);
    const silent: string[] = [];
    const counts = { refused: 0, found: 0, harmless: 0, unlogged: 0 };
    const bits = randomBits(bytes.length);
    for (let n = 0; n < flips; n += 1) {
      const { at, bit } = bits.next().value as { at: number; bit: number };
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << bit;
      const outcome = outcomeOf(folder, flipped, original);
      if (typeof outcome === 'string') counts[outcome] += 1;
      else if (outcome.length === 0) counts.harmless += 1;
      else if (outcome.every((table) => unlogged.has(table))) counts.unlogged += 1;
      else silent.push(`bit ${bit} of byte ${at}: ${outcome.join(', ')}`);
    }
    if (flips > 100) console.log(JSON.stringify({ bytes: bytes.length, flips, ...counts, silent }));
    expect(silent).toEqual([]);
    expect(counts.found).toBeGreaterThan(0);
  },
);
