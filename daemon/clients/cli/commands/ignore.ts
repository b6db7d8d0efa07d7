import type { Command } from 'commander';
import type { Open } from '../session.ts';

export function ignore(program: Command, open: Open): void {
  program
    .command('ignore [pattern]')
    .description('leave out files that match a pattern, such as **/checkpoints/**; without one, list the patterns')
    .option('--remove', 'leave them out no longer')
    .action(async (pattern: string | undefined, options: { remove?: boolean }) => {
      const session = open();
      if (pattern === undefined) {
        const reply = await session.call('GET /ignored', {});
        return session.print(reply, () => (reply.patterns.length === 0 ? ['no pattern is ignored'] : reply.patterns));
      }
      const reply = await session.call(options.remove ? 'POST /ignored/remove' : 'POST /ignored', { pattern });
      session.print(reply, () => [
        `${options.remove ? 'no longer ignoring' : 'ignoring'} ${pattern} · event ${reply.seq}`,
      ]);
    });
}
