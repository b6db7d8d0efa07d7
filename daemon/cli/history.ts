import type { Command } from 'commander';
import { eventTable } from './event-table.ts';
import { allPages } from './pages.ts';
import { countOption } from './options.ts';
import type { Open } from './session.ts';

export function history(program: Command, open: Open): void {
  program
    .command('history <model>')
    .description('show who did what to a model, when and why, newest first')
    .option('--limit <number>', 'at most this many events', countOption)
    .action(async (model: string, options: { limit?: number }) => {
      const session = open();
      const page = await allPages(
        (part) => session.call('GET /models/:model/history', { model, ...part }),
        options.limit,
      );
      session.print(page, () => eventTable(session, page.items));
    });
}
