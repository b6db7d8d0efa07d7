import type { Command } from 'commander';
import type { Bisection } from '../../../protocol/bisection.ts';
import { diffCells, diffColumns } from '../text/diff-cells.ts';
import { diffSections } from '../text/diff-sections.ts';
import { UsageError } from '../exit.ts';
import type { Open, Session } from '../session.ts';
import { table, type Cell } from '../terminal/table.ts';
import { numberText } from '../../../shared/format.ts';

interface BisectOptions {
  metric: string;
  good?: string;
  bad?: string;
  tolerance?: string;
}

export function bisect(program: Command, open: Open): void {
  program
    .command('bisect <model>')
    .description('find the version in which a metric became worse, and show what changed')
    .requiredOption('--metric <name>', 'the metric that became worse')
    .option('--good <version>', 'a good version (default: the best one before the bad one)')
    .option('--bad <version>', 'a bad version (default: the latest that has the metric)')
    .option('--tolerance <percent>', 'percentage by which a version may be worse and still count as good (default: 1)')
    .action(async (model: string, { metric, good, bad, tolerance }: BisectOptions) => {
      const session = open();
      const share = tolerance === undefined ? undefined : Number(tolerance.replace(/\s*%$/, '')) / 100;
      if (share !== undefined && !(share >= 0))
        throw new UsageError(`--tolerance takes a percentage, not ${tolerance}.`);
      const request = { model, metric, good, bad, tolerance: share };
      const reply = await session.call('GET /bisect', request);
      session.print(reply, () => bisectLines(session, reply));
    });
}

function bisectLines(session: Session, reply: Bisection): string[] {
  const steps = reply.steps.map(({ reference, value, outcome }): Cell[] => [
    reference,
    value === null ? '–' : numberText(value),
    { text: outcome, style: outcome === 'lost' ? 'red' : outcome === 'good' ? 'green' : 'dim' },
    reference === reply.first ? '← first' : reply.recovered.includes(reference) ? 'recovered later' : '',
  ]);
  const columns = ['version', reply.metric, '', ''].map((title) => ({ title }));
  return [reply.sentence, '', ...table(session.screen, columns, steps), ...changes(session, reply)];
}

function changes(session: Session, { comparison }: Bisection): string[] {
  if (!comparison) return [];
  const [, ...versions] = diffColumns(comparison.versions);
  return diffSections(comparison, false).flatMap(({ title, rows }) => [
    '',
    ...table(session.screen, [{ title }, ...versions.map((name) => ({ title: name }))], rows.map((row) => diffCells(row))), // prettier-ignore
  ]);
}
