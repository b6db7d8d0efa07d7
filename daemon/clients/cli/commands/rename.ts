import type { Command } from 'commander';
import type { Open } from '../session.ts';

export function rename(program: Command, open: Open): void {
  program
    .command('rename <model> <name>')
    .description('rename a model; its history is kept')
    .action(async (model: string, name: string) => {
      const session = open();
      const reply = await session.call('POST /models/:model/rename', { model, name });
      session.print(reply, () => [
        `${model} is now ${name} · event ${reply.seq} · undo with: plinth undo ${reply.seq}`,
      ]);
    });
}
