import type { ThinEvent } from '../../../protocol/events.ts';
import { csvLine } from './csv.ts';
import { eventLine } from './event-line.ts';

export type Format = 'csv' | 'json' | 'md';

const columns = ['event', 'time', 'actor', 'asserted', 'action', 'model', 'version', 'what', 'hash'] as const;

/** Formats events for export: each with its hash, and the chain's head, so that changes can be detected. */
export function exported(format: Format, events: readonly ThinEvent[], head: string): string[] {
  if (format === 'json') return [JSON.stringify({ head, events }, null, 2)];
  const rows = events.map(rowOf);
  if (format === 'csv') return [csvLine(columns), ...rows.map(csvLine)];
  return [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => ' --- |').join('')}`,
    ...rows.map((row) => `| ${row.map(markdownCell).join(' | ')} |`),
    '',
    `Head of the log: ${head}`,
  ];
}

function rowOf(event: ThinEvent): string[] {
  const { seq, at, actor, asserted = '', type, model, number, hash } = event;
  const version = number === null ? '' : String(number);
  return [String(seq), new Date(at).toISOString(), actor, asserted, type, model ?? '', version, eventLine(event), hash];
}

/** Escapes a text for a cell or heading of Markdown, in one line. */
export function markdownCell(text: string): string {
  return text.replaceAll(/[\\|<>`*_[\]]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
}
