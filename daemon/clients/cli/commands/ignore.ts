import type { Command } from 'commander';
import type { Open } from '../session.ts';

export function ignore(program: Command, open: Open): void {
  program
    .command('ignore [pattern]')
    .description('ignore files that match a pattern, such as **/checkpoints/**; without a pattern, list the patterns')
    .option('--remove', 'stop ignoring them')
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
