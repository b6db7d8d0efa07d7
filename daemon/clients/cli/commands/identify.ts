import type { Command } from 'commander';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';
import { table } from '../terminal/table.ts';

export function identify(program: Command, open: Open): void {
  program
    .command('identify <file>')
    .description('find the registered version of a file or folder, by checksum')
    .action(async (file: string) => {
      const session = open();
      const reply = await session.call('GET /identify', { path: absolute(file) });
      session.print(reply, () => {
        const sentence = reply.sentence.replace(reply.path, homePath(reply.path));
        if (reply.matches.length < 2) return [sentence];
        const columns = ['version', 'stage', 'state', 'is', 'file'].map((title) => ({ title }));
        const rows = reply.matches.map(({ reference, stage, state, as, file: part }) => [
          reference,
          stage,
          state,
          as,
          part,
        ]);
        return [sentence, '', ...table(session.screen, columns, rows)];
      });
    });
}
