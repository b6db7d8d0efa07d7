import { isObject } from '../../protocol/json.ts';
const largest = 4 * 1024 * 1024;
const maxRows = 100_000;

/**
 * Reads a small table as rows of text by column: CSV with a header line, a JSON list of objects, or a JSON object of objects.
 * Returns a sentence when it is none of these.
 */
export function rowsOfTable(text: string): Record<string, string>[] | string {
  if (text.length > largest) return 'it is larger than 4 MiB';
  const begin = text.trimStart();
  return begin.startsWith('[') || begin.startsWith('{') ? fromJson(text) : fromCsv(text);
}

function fromJson(text: string): Record<string, string>[] | string {
  const value = parseOrUndefined(text);
  if (value === undefined) return 'it is no JSON';
  const list = Array.isArray(value) ? value : listIn(value);
  if (!list || list.length > maxRows) return 'it contains no list of rows';
  const rows = list.map((row) => (isObject(row) ? texts(row) : undefined));
  return rows.includes(undefined) ? 'one of its rows is not an object' : (rows as Record<string, string>[]);
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns the rows of `{rows: […]}`, or of groups by name; then the column `group` holds the name. */
function listIn(value: unknown): unknown[] | undefined {
  if (!isObject(value)) return undefined;
  const inner = Object.values(value);
  const [only] = inner;
  if (inner.length === 1 && Array.isArray(only)) return only;
  return Object.entries(value).map(([group, row]) => (isObject(row) ? { group, ...row } : row));
}

function texts(row: Record<string, unknown>): Record<string, string> {
  const known = Object.entries(row).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.assign(
    Object.create(null) as object,
    Object.fromEntries(known.map(([key, value]) => [key, String(value)])),
  );
}

function fromCsv(text: string): Record<string, string>[] | string {
  const [names, ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cells);
  if (!names) return 'it is empty';
  if (rows.length > maxRows) return `it has more than ${maxRows} rows`;
  const wrong = rows.findIndex((row) => row.length !== names.length);
  if (wrong >= 0) return `row ${wrong + 2} has ${rows[wrong]?.length} cells, its head has ${names.length}`;
  return rows.map((row) =>
    Object.assign(
      Object.create(null) as object,
      Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])),
    ),
  ) as Record<string, string>[];
}

/** Returns the cells of one line. Quotes may contain commas, but not line breaks. */
function cells(line: string): string[] {
  const found: string[] = [];
  const pattern = /,(?:"((?:[^"]|"")*)"|([^,]*))/g;
  for (const [, quoted, plain] of `,${line}`.matchAll(pattern))
    found.push(quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '');
  return found;
}
