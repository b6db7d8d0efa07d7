import type { Database, Row } from '../database.ts';

/** A file that a client uploaded: its path in the artifact store, and its blob. */
export interface Upload {
  /** Relative, with `/`. */
  path: string;
  digest: string;
  size: number;
}

const columns = 'path, digest, size';

export function uploadAt(db: Database, path: string): Upload | undefined {
  const row = db.sql(`SELECT ${columns} FROM uploads WHERE path = ?`).get(path);
  return row && fromRow(row);
}

export function putUpload(db: Database, { path, digest, size }: Upload, at: number): void {
  db.sql('INSERT OR REPLACE INTO uploads (path, digest, size, at) VALUES (?, ?, ?, ?)').run(path, digest, size, at);
}

/** Deletes a file, or a folder with everything below it. */
export function dropUploads(db: Database, path: string): void {
  db.sql('DELETE FROM uploads WHERE path = ?').run(path);
  if (path === '') db.sql('DELETE FROM uploads').run();
  else db.sql('DELETE FROM uploads WHERE path >= ? AND path < ?').run(`${path}/`, after(path));
}

/** Returns every file below a folder by path, at most `limit`. */
export function uploadsBelow(db: Database, folder: string, limit: number): Upload[] {
  const text = `SELECT ${columns} FROM uploads WHERE path >= ? AND path < ? ORDER BY path LIMIT ?`;
  return db.sql(text).all(`${folder}/`, after(folder), limit).map(fromRow);
}

export function isUploadFolder(db: Database, folder: string): boolean {
  return uploadsBelow(db, folder, 1).length > 0;
}

/** Lists the entries of a folder: names, and sizes of files. Skips deeper files. */
export function uploadsIn(db: Database, folder: string): { name: string; size: number | null }[] {
  const start = folder === '' ? '' : `${folder}/`;
  const end = folder === '' ? '\u{10ffff}' : after(folder);
  const text = `SELECT ${columns} FROM uploads WHERE path >= ? AND path < ? ORDER BY path LIMIT 1`;
  const found = new Map<string, number | null>();
  for (let from = start; ;) {
    const row = db.sql(text).get(from, end);
    if (!row) break;
    const { path, size } = fromRow(row);
    const name = path.slice(start.length).split('/', 1)[0] ?? '';
    const isFolder = path.length > start.length + name.length;
    found.set(name, isFolder ? null : size);
    from = isFolder ? after(start + name) : `${path}\u0001`;
  }
  return [...found].map(([name, size]) => ({ name, size })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the digests of every uploaded blob. */
export function uploadDigests(db: Database): string[] {
  return db
    .sql('SELECT DISTINCT digest FROM uploads')
    .all()
    .map((row) => String(row['digest']));
}

/** Returns the first text that sorts after everything below a folder: `0` follows `/`. */
function after(folder: string): string {
  return `${folder}0`;
}

function fromRow(row: Row): Upload {
  return { path: String(row['path']), digest: String(row['digest']), size: Number(row['size']) };
}
