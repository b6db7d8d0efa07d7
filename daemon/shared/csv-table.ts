/** A table of texts. */
export interface TextTable {
  head: string[];
  rows: string[][];
  /** Rows beyond the listed ones. */
  moreRows: number;
}

const [maxRows, maxColumns, maxCell] = [200, 20, 200];

/**
 * Parses CSV with a header row (RFC 4180; commas, semicolons or tabs); undefined for a text that has only one column, or a row with more
 * cells than its header. Long tables are cut.
 */
export function parseCsvTable(path: string, text: string): TextTable | undefined {
  if (!/\.(csv|tsv)$/i.test(path)) return undefined;
  const start = text.replace(/^\uFEFF/, '');
  const line = start.split(/\r?\n/, 1)[0] ?? '';
  const separator = [',', ';', '\t'].toSorted((a, b) => line.split(b).length - line.split(a).length)[0] ?? ',';
  const [head, ...rows] = cellsOf(start, separator);
  if (!head || head.length < 2 || rows.length === 0) return undefined;
  if (!rows.every((row) => row.length <= head.length)) return undefined;
  const cut = (row: readonly string[]): string[] => row.slice(0, maxColumns).map((cell) => cell.slice(0, maxCell));
  return { head: cut(head), rows: rows.slice(0, maxRows).map(cut), moreRows: Math.max(0, rows.length - maxRows) };
}

/** Returns the cells of each line that is not empty. In quotes a cell may hold separators, line ends and doubled quotes. */
function cellsOf(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false];
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    [row, cell] = [[], ''];
  };
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at]!;
    if (isQuoted) {
      if (one !== '"') cell += one;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else isQuoted = false;
    } else if (one === '"' && cell === '') isQuoted = true;
    else if (one === separator) {
      row.push(cell);
      cell = '';
    } else if (one === '\n') endRow();
    else if (one !== '\r') cell += one;
  }
  endRow();
  return rows;
}
