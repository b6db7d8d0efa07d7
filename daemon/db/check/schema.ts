import type { Database } from '../database.ts';
import type { VerifyFault } from '../../protocol/verify.ts';

/** Returns the differences between a database's schema and that of the migrations: a trigger, view, table or column more or less. */
export function schemaFaults(db: Database, made: Database, fix: string): VerifyFault[] {
  const is = schemaOf(db);
  const wanted = schemaOf(made);
  const faults: VerifyFault[] = [];
  for (const [subject, sql] of is) {
    if (!wanted.has(subject)) faults.push({ subject, detail: 'is in the schema, but Plinth makes no such thing', fix });
    else if (wanted.get(subject) !== sql)
      faults.push({ subject, detail: 'is defined otherwise than Plinth does', fix });
  }
  for (const subject of wanted.keys()) {
    if (!is.has(subject)) faults.push({ subject, detail: 'is missing from the schema', fix });
  }
  const [version, expected] = [versionOf(db), versionOf(made)];
  if (version !== expected) {
    faults.push({ subject: 'registry.db', detail: `says that its schema is ${version}, but it is ${expected}`, fix });
  }
  return faults;
}

/** Returns definitions by type and name, without statistics of SQLite's planner (`sqlite_stat1`). */
function schemaOf(db: Database): Map<string, string> {
  const text = `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'`;
  const rows = db.sql(text).all();
  return new Map(
    rows.map(({ type, name, tbl_name: on, sql }) => [
      `${String(type)} ${String(name)}`,
      `${String(on)} ${String(sql)}`,
    ]),
  );
}

function versionOf(db: Database): number {
  return Number(db.raw.pragma('user_version', { simple: true }));
}
