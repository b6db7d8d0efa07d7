import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { Comparison } from '../../../protocol/comparison.ts';
import { diffCells, diffColumns } from '../text/diff-cells.ts';
import type { Curves } from '../text/diff-curves.ts';
import { diffHtml } from '../text/diff-html.ts';
import { normSection, readNorms } from '../text/diff-norms.ts';
import { diffSections, diffWarnings, type DiffSection } from '../text/diff-sections.ts';
import { diffCsv, diffMarkdown, comparisonSummaries } from '../text/diff-texts.ts';
import { UsageError } from '../exit.ts';
import { absolute, homePath } from '../paths.ts';
import { jsonText, type Open, type Session } from '../session.ts';
import { table } from '../terminal/table.ts';

const formats = ['text', 'md', 'csv', 'json', 'html'] as const;
type Format = (typeof formats)[number];

interface DiffOptions {
  all?: boolean;
  norms?: boolean;
  markdown?: boolean;
  format?: Format;
  out?: string;
}

export function diff(program: Command, open: Open): void {
  program
    .command('diff <baseline> <versions...>')
    .description('compare versions with the first one (the baseline)')
    .option('--all', 'show equal values too')
    .option('--norms', 'also compare the tensors and show the change of each layer')
    .addOption(
      new Option('--format <format>', 'as text, Markdown, CSV, JSON or one HTML page with curves').choices(formats),
    )
    .option('--out <file>', 'write to this file; its extension selects the format unless --format is given')
    .addOption(new Option('--markdown', 'same as --format md').hideHelp())
    .action(async (baseline: string, others: string[], options: DiffOptions) => {
      const session = open();
      const comma = [baseline, ...others].find((reference) => reference.includes(','));
      if (comma !== undefined) throw new UsageError(`Separate the versions with spaces, not ${comma}.`);
      const reply = await session.call('GET /compare', { versions: [baseline, ...others].join(',') });
      const format = formatOf(options);
      if (options.out === undefined && format === 'text') {
        const sections = await sectionsOf(session, reply, options);
        return session.print(reply, () => plainLines(session, reply, sections));
      }
      await write(session, reply, format, options);
    });
}

function formatOf({ format, markdown, out }: DiffOptions): Format {
  if (format !== undefined) return format;
  if (markdown === true) return 'md';
  const ending = out?.slice(out.lastIndexOf('.') + 1).toLowerCase();
  return formats.find((known) => known === ending) ?? 'text';
}

async function sectionsOf(
  session: Session,
  reply: Comparison,
  { all = false, norms }: DiffOptions,
): Promise<DiffSection[]> {
  const sections = diffSections(reply, all);
  if (norms !== true || session.json) return sections;
  const moved = normSection(await readNorms(session, reply), all);
  return [...sections, moved];
}

async function write(session: Session, reply: Comparison, format: Format, options: DiffOptions): Promise<void> {
  const { out } = options;
  const lines =
    session.json && out === undefined ? [jsonText(reply, true)] : await linesOf(session, reply, format, options);
  if (out === undefined) return lines.forEach((line) => session.screen.line(line));
  const path = absolute(out);
  writeFileSync(path, `${lines.join('\n')}\n`);
  session.print({ path, format }, () => [`wrote ${homePath(path)}`]);
}

async function linesOf(session: Session, reply: Comparison, format: Format, options: DiffOptions): Promise<string[]> {
  const sections = await sectionsOf(session, reply, options);
  switch (format) {
    case 'md':
      return diffMarkdown(reply, sections);
    case 'csv':
      return diffCsv(reply, sections);
    case 'json':
      return [jsonText(reply, true)];
    case 'html':
      return diffHtml(reply, sections, await curvesOf(session, reply));
    default:
      return plainLines(session, reply, sections);
  }
}

const maxCharts = 40;
const pointsOfChart = 300;

async function curvesOf(session: Session, { versions }: Comparison): Promise<Curves[]> {
  const client = await session.client();
  const { metrics } = await session.call('GET /series', { versions: versions.join(',') });
  const shown = metrics.filter(({ of }) => of.some((column) => (column?.count ?? 0) > 1)).slice(0, maxCharts);
  const read = async (metric: string): Promise<Curves> => ({
    metric,
    columns: await client.points(versions, metric, pointsOfChart),
  });
  const curves: Curves[] = [];
  for (const { metric } of shown) curves.push(await read(metric));
  return curves;
}

function plainLines(session: Session, comparison: Comparison, sections: readonly DiffSection[]): string[] {
  const { versions } = comparison;
  if (sections.length === 0)
    return [`${versions.join(' and ')} differ in nothing that is known of them; all with: --all`];
  const { style } = session.screen;
  const warnings = diffWarnings(comparison).map((text) => style('dim', text));
  const parts = sections.flatMap(({ title, rows, note }) => [
    '',
    ...table(session.screen, headings(title, versions), rows.map((row) => diffCells(row))), // prettier-ignore
    ...(note === '' ? [] : [style('dim', note)]),
  ]);
  return [...comparisonSummaries(comparison), ...warnings, ...parts];
}

function headings(title: string, versions: readonly string[]): { title: string; least: number }[] {
  const [, ...rest] = diffColumns(versions);
  return [{ title, least: 8 }, ...rest.map((name) => ({ title: name, least: 6 }))];
}
