import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { RegistryError } from '../../../errors.ts';
import { existing, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function check(program: Command, open: Open): void {
  program
    .command('check [folder]')
    .description('check the plinth.yaml of a folder for errors')
    .action(async (given: string | undefined) => {
      const session = open();
      const place = existing(given ?? '.');
      const folder = statSync(place).isDirectory() ? place : dirname(place);
      const { path, exists, problems, conflicts = [] } = await session.call('GET /policy', { path: folder });
      if (!exists) throw new RegistryError('not-found', `${folder} has no plinth.yaml. Create one with: plinth init`);
      const lines = problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
      if (lines.length > 0) throw new RegistryError('invalid-request', lines.join('\n'), { problems });
      session.print({ path, problems, conflicts }, () => [`${homePath(path)} has no mistakes`, ...conflicts]);
    });
}
