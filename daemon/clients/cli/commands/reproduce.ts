import type { Command } from 'commander';
import { reproduce as layOut } from '../../client/reproduce.ts';
import { absolute, homePath } from '../paths.ts';
import { split } from '../reference-args.ts';
import type { Open } from '../session.ts';

export function reproduce(program: Command, open: Open): void {
  program
    .command('reproduce <reference> <folder>')
    .description('restore the code, packages and command of a version in a folder')
    .action(async (reference: string, given: string) => {
      const session = open();
      const { model, version } = split(reference);
      const made = await layOut(await session.client(), model, version ?? 'latest', absolute(given));
      session.print(made, () => [
        `${homePath(made.folder)} is as it was at ${made.commit.slice(0, 12)}; read REPRODUCE.md in it`,
        ...(made.command ? [`command: cd ${homePath(made.workingFolder)} && ${made.command.join(' ')}`] : []),
        ...made.data.map(({ path, state }) => `data: ${path} · ${state}`),
        ...(made.missing === '' ? [] : [session.screen.style('yellow', made.missing)]),
      ]);
    });
}
