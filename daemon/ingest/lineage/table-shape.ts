import { readSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { parquetMetadata } from 'hyparquet';

const maxColumns = 1000;
const maxFooter = 16 * 1024 * 1024;

/** Returns the column names in the first line of a CSV or TSV text; null if it is no table. */
export function columnsOf(text: string, tabs: boolean): string[] | null {
  const line = text.slice(0, 64 * 1024).split(/\r?\n/, 1)[0] ?? '';
  try {
    const [names] = parse(line, { delimiter: tabs ? '\t' : ',', relax_quotes: true, bom: true }) as string[][];
    return names?.slice(0, maxColumns).map((name) => name.slice(0, 200)) ?? null;
  } catch {
    return null;
  }
}

/** Reads the number of rows and the columns from a Parquet file's footer. Source: https://parquet.apache.org/docs/file-format/metadata/ */
export function parquetShape(handle: number, size: number): { rows: number | null; columns: string[] | null } {
  const tail = Buffer.alloc(8);
  readSync(handle, tail, 0, 8, size - 8);
  const footer = tail.readUInt32LE(0) + 8;
  if (tail.toString('latin1', 4) !== 'PAR1' || footer > Math.min(size, maxFooter)) return { rows: null, columns: null };
  const bytes = Buffer.alloc(footer);
  readSync(handle, bytes, 0, footer, size - footer);
  try {
    const { num_rows: rows, schema } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + footer));
    const leaves = schema.slice(1).filter(({ num_children: children }) => children === undefined || children === 0);
    return { rows: Number(rows), columns: leaves.slice(0, maxColumns).map(({ name }) => name.slice(0, 200)) };
  } catch {
    return { rows: null, columns: null };
  }
}
