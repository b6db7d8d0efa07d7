import { Option, type Command } from 'commander';
import { exported, type Format } from '../text/audit-formats.ts';
import { UsageError } from '../exit.ts';
import { eventTable } from '../text/event-table.ts';
import { readAllPages } from '../../../shared/paging.ts';
import { countOption } from '../terminal/options.ts';
import type { Open } from '../session.ts';

interface Options {
  limit?: number;
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
  format?: Format;
}

export function history(program: Command, open: Open): void {
  program
    .command('history [model]')
    .description('show who did what, when and why, newest first: for one model or for all')
    .option('--limit <number>', 'at most this many events', countOption)
    .option('--actor <name>', 'only events of this person')
    .option('--action <type>', 'only events of this type, such as version.tagged')
    .option('--since <time>', 'only events from this date or time on')
    .option('--until <time>', 'only events up to this date or time')
    .addOption(
      new Option('--format <format>', 'export for an audit, with the head of the hash chain').choices([
        'csv',
        'json',
        'md',
      ]),
    )
    .action(async (model: string | undefined, { limit, format, since, until, ...filter }: Options) => {
      const session = open();
      const asked = { ...filter, model, from: timeOf(since), to: timeOf(until) };
      let head = '';
      const page = await readAllPages(async (part) => {
        const found = await session.call('GET /audit', { ...asked, ...part });
        head ||= `${found.seq} ${found.head}`;
        return found;
      }, limit);
      if (format) return exported(format, page.items, head).forEach((line) => session.screen.line(line));
      session.print(page, () =>
        page.items.length === 0 ? ['nothing of this kind happened'] : eventTable(session, page.items),
      );
    });
}

/** Parses `2026-11-26` or `2026-11-26T12:00`, in local time, to epoch ms. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime();
  if (Number.isNaN(at))
    throw new UsageError(`${JSON.stringify(text)} is not a date or time. Write 2026-11-26 or 2026-11-26T12:00.`);
  return at;
}
