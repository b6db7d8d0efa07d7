import type { Command } from 'commander';
import type { CompareRow, Comparison } from '../protocol/routes.ts';
import { diffCells, diffColumns } from './diff-cells.ts';
import { table } from './table.ts';
import { UsageError } from './exit.ts';
import type { Open, Session } from './session.ts';

interface DiffOptions {
  all?: boolean;
  markdown?: boolean;
}

export function diff(program: Command, open: Open): void {
  program
    .command('diff <baseline> <versions...>')
    .description('compare versions: what differs, numbers with their difference to the first')
    .option('--all', 'what is equal, too')
    .option('--markdown', 'as Markdown tables, for a report or a pull request')
    .action(async (baseline: string, others: string[], options: DiffOptions) => {
      const session = open();
      const comma = [baseline, ...others].find((reference) => reference.includes(','));
      if (comma !== undefined) throw new UsageError(`write the versions apart, not ${comma}`);
      const reply = await session.call('GET /compare', { versions: [baseline, ...others].join(',') });
      session.print(reply, () => diffLines(session, reply, options));
    });
}

const sections = ['metrics', 'params', 'facts', 'files'] as const;

function diffLines(session: Session, comparison: Comparison, options: DiffOptions): string[] {
  const shown = sections.map((title) => ({
    title,
    rows: comparison[title].filter((row) => options.all === true || row.differs),
  }));
  const parts = shown.filter(({ rows }) => rows.length > 0);
  if (parts.length === 0)
    return [`${comparison.versions.join(' and ')} differ in nothing that is known of them; all with: --all`];
  const draw = options.markdown === true ? markdownSection : plainSection;
  return parts.flatMap(({ title, rows }, at) => [
    ...(at === 0 ? [] : ['']),
    ...draw(session, title, comparison.versions, rows),
  ]);
}

function plainSection(
  session: Session,
  title: string,
  versions: readonly string[],
  rows: readonly CompareRow[],
): string[] {
  const [first = '', ...rest] = diffColumns(versions);
  const columns = [
    { title: title === 'metrics' ? 'metric' : first, least: 8 },
    ...rest.map((name) => ({ title: name, least: 6 })),
  ];
  columns[0]!.title = title;
  return table(
    session.screen,
    columns,
    rows.map((row) => diffCells(row)),
  );
}

function markdownSection(
  _session: Session,
  title: string,
  versions: readonly string[],
  rows: readonly CompareRow[],
): string[] {
  const heading = [title, ...diffColumns(versions).slice(1)];
  const body = rows.map((row) => diffCells(row).map((cell) => (typeof cell === 'string' ? cell : cell.text)));
  return [markdownRow(heading), markdownRow(heading.map(() => '---')), ...body.map(markdownRow)];
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\s+/g, ' ').replace(/[\\|`<>*_[\]]/g, '\\$&')).join(' | ')} |`;
}
