import { Option, type Command } from 'commander';
import { exported, type Format } from '../text/audit-formats.ts';
import { UsageError } from '../exit.ts';
import { eventTable, historyTable } from '../text/event-table.ts';
import type { ThinEvent } from '../../../protocol/events.ts';
import type { Page } from '../../../protocol/shapes.ts';
import { foldHistory } from '../../../shared/history.ts';
import { maxPageItems, readAllPages, type PageRequest } from '../../../shared/paging.ts';
import { countOption } from '../terminal/options.ts';
import type { Open, Session } from '../session.ts';

interface Options {
  limit?: number;
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
  format?: Format;
  all?: boolean;
}

export function history(program: Command, open: Open): void {
  program
    .command('history [model]')
    .description('show who did what, when and why, newest first: for one model or for all')
    .option('--limit <number>', 'at most this many events', countOption)
    .option('--all', 'also evidence, lineage, tags and other bookkeeping, which are left out otherwise')
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
    .action(async (model: string | undefined, { limit, format, since, until, all, ...filter }: Options) => {
      const session = open();
      const asked = { ...filter, model, from: timeOf(since), to: timeOf(until) };
      let head = '';
      const read = async (part: PageRequest): Promise<Page<ThinEvent>> => {
        const found = await session.call('GET /audit', { ...asked, ...part });
        head ||= `${found.seq} ${found.head}`;
        return found;
      };
      const isComplete = all === true || format !== undefined || filter.action !== undefined || session.json;
      if (!isComplete) return printFolded(session, read, limit);
      const page = await readAllPages(read, limit);
      if (format) return exported(format, page.items, head).forEach((line) => session.screen.line(line));
      session.print(page, () =>
        page.items.length === 0 ? ['nothing of this kind happened'] : eventTable(session, page.items),
      );
    });
}

/** Prints the history as people read it: what a version's evidence was read from is counted with its registration. */
async function printFolded(
  session: Session,
  read: (part: PageRequest) => Promise<Page<ThinEvent>>,
  limit = Infinity,
): Promise<void> {
  const events: ThinEvent[] = [];
  let found = 0;
  let part: PageRequest | undefined = { limit: maxPageItems };
  while (part) {
    const { items, next }: Page<ThinEvent> = await read(part);
    events.push(...items);
    found += foldHistory(items).length;
    part = next === null || found >= limit ? undefined : { limit: maxPageItems, cursor: next };
  }
  const entries = foldHistory(events);
  for (const line of entries.length === 0
    ? ['nothing of this kind happened']
    : historyTable(session, entries.slice(0, limit)))
    session.screen.line(line);
}

/** Parses `2026-11-26` or `2026-11-26T12:00`, in local time, to epoch ms. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime();
  if (Number.isNaN(at))
    throw new UsageError(`${JSON.stringify(text)} is not a date or time. Write 2026-11-26 or 2026-11-26T12:00.`);
  return at;
}
