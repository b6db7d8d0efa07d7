import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { copyBlobs } from '../../client/copy-blobs.ts';
import { RegistryError } from '../../../errors.ts';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';
import { countOf, shellWord, sizeText } from '../../../shared/format.ts';

export function backup(program: Command, open: Open): void {
  program
    .command('backup')
    .description(
      'copy the database and verify the copy; the latest seven copies are kept. Stored files are copied only with --with-bytes',
    )
    .option('--with-bytes <folder>', 'copy the registry and all stored files to a folder, such as one on another disk')
    .action(async ({ withBytes }: { withBytes?: string }) => {
      const session = open();
      const reply = await session.call('POST /backup', {});
      const only = `backed up to ${homePath(reply.path)} · ${sizeText(reply.bytes)}`;
      if (withBytes === undefined)
        return session.print(reply, () => [
          only,
          'without the stored bytes; those too with: plinth backup --with-bytes FOLDER',
        ]);
      const folder = absolute(withBytes);
      if (folder === session.dataFolder)
        throw new RegistryError('invalid-request', `${folder} is the data folder itself. Choose another folder.`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const blobs = copyBlobs(session.dataFolder, folder);
      const target = join(folder, 'registry.db');
      copyFileSync(reply.path, `${target}.part`);
      renameSync(`${target}.part`, target);
      if (blobs.damaged.length > 0 || !existsSync(target))
        throw new RegistryError(
          'damaged',
          `${countOf(blobs.damaged.length, 'stored file')} is damaged and was left out: ${blobs.damaged.join(', ')}`,
        );
      session.print({ ...reply, folder, blobs }, () => [
        `backed up to ${homePath(folder)} · ${countOf(blobs.copied + blobs.kept, 'stored file')}, ${blobs.copied} of them new`,
        `put it back with: plinth restore-backup ${shellWord(folder)}`,
      ]);
    });
}
