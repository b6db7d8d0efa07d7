import type { Command } from 'commander';
import type { Open } from '../session.ts';

export function review(program: Command, open: Open): void {
  program
    .command('review')
    .description('list models that need attention: no owner, card, evaluation or recent review')
    .action(async () => {
      const session = open();
      const reply = await session.call('GET /review', {});
      session.print(reply, () =>
        reply.models.length === 0
          ? ['every model has what it needs']
          : reply.models.flatMap(({ model, owner, reasons }) => [
              `${session.screen.style('bold', model)}${owner === null ? '' : `  ${owner}`}`,
              ...reasons.map((reason) => `  ${reason}`),
            ]),
      );
    });
}
