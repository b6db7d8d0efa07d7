import type { Command } from 'commander';
import type { Open } from '../session.ts';

interface Options {
  check?: boolean;
}

export function lock(program: Command, open: Open): void {
  program
    .command('lock [folder]')
    .description('write every model that the code of a folder uses to plinth.lock, with version and checksum')
    .option('--check', 'only check, and fail if a reference leads to another version than the locked one')
    .action(async (folder: string | undefined, { check }: Options) => {
      const { writeLock } = await import('../write-lock.ts');
      await writeLock(open(), folder, check === true);
    });
}
