import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { table } from '../terminal/table.ts';
import type { Open } from '../session.ts';
import { dateText } from '../../../shared/format.ts';
import { personOf, pointerText, currentVersionText } from '../../../shared/event-text.ts';

export function holders(program: Command, open: Open): void {
  program
    .command('holders <model>')
    .description('show the version of each stage and alias, now or at a given time')
    .option('--at <time>', 'date and time, such as 2026-03-01 or "2026-03-01 17:30" (local time)')
    .action(async (model: string, options: { at?: string }) => {
      const session = open();
      const reply = await session.call('GET /models/:model/holders', { model, at: timeOf(options.at) });
      const columns = [
        { title: 'pointer' },
        { title: 'holder' },
        { title: 'since' },
        { title: 'by' },
        { title: 'event', align: 'right' as const },
        { title: 'why' },
      ];
      const rows = reply.pointers.map((one) => [
        pointerText(one),
        currentVersionText(one.holder),
        dateText(one.since),
        personOf(one.actor),
        String(one.seq),
        one.reason,
      ]);
      session.print(reply, () =>
        rows.length === 0 ? [`nothing of ${model} was held`] : table(session.screen, columns, rows),
      );
    });
}

/** Parses a time to epoch ms. A day alone means its end, in local time. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const time = day
    ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]), 23, 59, 59, 999).getTime()
    : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new UsageError(`--at takes a date and time such as "2026-03-01 17:30", not ${JSON.stringify(text)}.`);
}
