import { isObject } from '../protocol/json.ts';
/** Tables in reports that runs write as text. */

/** Counts by true class (rows) and predicted class (columns). */
export interface ConfusionMatrix {
  /** Names of the classes; null for none. */
  labels: string[] | null;
  counts: number[][];
}

const maxClasses = 50;

/** Parses a confusion matrix in the common forms of JSON or CSV; undefined for other texts, and for too many classes. */
export function parseConfusionMatrix(path: string, text: string): ConfusionMatrix | undefined {
  const found = /\.json$/i.test(path) ? fromJson(text) : fromCsv(text);
  if (!found || found.counts.length === 0 || found.counts.length > maxClasses) return undefined;
  const isSquare = found.counts.every((row) => row.length === found.counts.length);
  const isNumeric = found.counts.every((row) => row.every((value) => Number.isFinite(value)));
  const hasLabels = found.labels === null || found.labels.length === found.counts.length;
  return isSquare && isNumeric && hasLabels ? found : undefined;
}

/** Numbers in named rows and columns, such as a classification report. */
export interface NumberTable {
  columns: string[];
  rows: { name: string; values: (number | null)[] }[];
  /** Numbers outside rows. */
  single: { name: string; value: number }[];
}

const maxRows = 200;
const maxColumns = 12;

/** Parses JSON of the form `{"cat": {"precision": 0.9, …}, "accuracy": 0.8, …}`; undefined for another form. */
export function parseNumberTable(path: string, text: string): NumberTable | undefined {
  const whole = /\.json$/i.test(path) ? jsonIn(text) : undefined;
  if (!isObject(whole)) return undefined;
  const entries = Object.entries(whole);
  const groups = entries.flatMap(([, one]) => (isObject(one) ? [one] : []));
  const columns = [...new Set(groups.flatMap((group) => Object.keys(group)))];
  const isShown = groups.length > 0 && columns.length <= maxColumns && entries.length <= maxRows;
  if (!isShown || !entries.every(([, one]) => isObject(one) || typeof one === 'number')) return undefined;
  const rows = entries.flatMap(([name, one]) =>
    isObject(one) ? [{ name, values: columns.map((column) => numberIn(one[column])) }] : [],
  );
  const single = entries.flatMap(([name, value]) => (typeof value === 'number' ? [{ name, value }] : []));
  return rows.some(({ values }) => values.some((one) => one !== null)) ? { columns, rows, single } : undefined;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fromJson(text: string): ConfusionMatrix | undefined {
  const value = jsonIn(text);
  if (Array.isArray(value)) return rowsIn(value, null);
  if (!isObject(value)) return undefined;
  const matrix = value['matrix'] ?? value['confusion_matrix'] ?? value['counts'] ?? value['data'];
  const names = value['labels'] ?? value['classes'] ?? value['columns'] ?? value['class_names'];
  if (Array.isArray(matrix)) return rowsIn(matrix, Array.isArray(names) ? names.map(String) : null);
  return nested(value);
}

/** Parses `{"cat": {"cat": 5, "dog": 1}, …}`; undefined for another form. */
function nested(value: Record<string, unknown>): ConfusionMatrix | undefined {
  const labels = Object.keys(value);
  const rows = Object.values(value);
  if (!rows.every(isObject)) return undefined;
  return rowsIn(
    rows.map((row) => labels.map((label) => row[label])),
    labels,
  );
}

function rowsIn(rows: readonly unknown[], labels: string[] | null): ConfusionMatrix | undefined {
  if (!rows.every((row) => Array.isArray(row))) return undefined;
  return { labels, counts: rows.map((row) => row.map((cell: unknown) => (typeof cell === 'number' ? cell : NaN))) };
}

/** Parses CSV with a header and a first column of names, as pandas writes it, or with numbers alone. */
function fromCsv(text: string): ConfusionMatrix | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const cells = lines.slice(0, maxClasses + 2).map((line) => line.split(/[,;\t]/).map(unquoted));
  const numbers = (rows: readonly string[][]): number[][] =>
    rows.map((row) => row.map((cell) => (cell === '' ? NaN : Number(cell))));
  const [head = [], ...rest] = cells;
  const isPlain = head.length === cells.length && numbers([head]).flat().every(Number.isFinite);
  if (isPlain) return { labels: null, counts: numbers(cells) };
  const hasNames = rest.every((row) => row.length === rest.length + 1);
  if (hasNames) return { labels: rest.map(([name = '']) => name), counts: numbers(rest.map((row) => row.slice(1))) };
  return { labels: head, counts: numbers(rest) };
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1');
}
