import type { Command } from 'commander';
import { RegistryError } from '../../../errors.ts';
import { writeWhole } from '../../../runtime/write-file.ts';
import { existingFolder, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

interface Options {
  write?: boolean;
}

export function init(program: Command, open: Open): void {
  program
    .command('init [folder]')
    .description('propose a plinth.yaml for a folder')
    .option('--write', 'write the file, unless one exists')
    .action(async (given: string | undefined, { write }: Options) => {
      const session = open();
      const policy = await session.call('GET /policy', { path: existingFolder(given ?? '.') });
      if (policy.exists)
        throw new RegistryError('conflict', `${policy.path} already exists. Check it with: plinth check`);
      if (write) writeWhole(policy.path, policy.text, { exclusive: true });
      session.print(policy, () =>
        write ? [`wrote ${homePath(policy.path)}; it applies from now on`] : policy.text.trimEnd().split('\n'),
      );
    });
}
