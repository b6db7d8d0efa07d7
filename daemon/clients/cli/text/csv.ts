/** Formats a row of CSV. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** Quotes a cell if needed. Text that a spreadsheet would take as a formula begins with an apostrophe; numbers do not. */
function csvCell(text: string): string {
  const isNumber = text.trim() !== '' && !Number.isNaN(Number(text));
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
