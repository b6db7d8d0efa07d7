import type { Database } from '../database.ts';
import type { Digest } from '../../protocol/model.ts';

/** Returns the plinth.yaml that a model (by id) is bound to; undefined for none. */
export function policyRow(db: Database, model: string): { path: string; digest: string } | undefined {
  const row = db.sql('SELECT path, digest FROM policies WHERE model = ?').get(model);
  return row && { path: String(row['path']), digest: String(row['digest']) };
}

/** Returns what is trusted at a path: the digest of a plinth.yaml's text, and those of the files that its commands call. Undefined for none. */
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

/** Encodes what is trusted for its table: a line with the text's digest, then one with digest and name for each called file. */
export function trustText(digest: Digest, files: Readonly<Record<string, Digest>> = {}): string {
  const lines = Object.entries(files).map(([name, one]) => `${one} ${JSON.stringify(name)}`);
  return [digest, ...lines.toSorted()].join('\n');
}
