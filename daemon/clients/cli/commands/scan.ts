import type { Command } from 'commander';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';
import { countText } from '../../../shared/format.ts';

export function scan(program: Command, open: Open): void {
  program
    .command('scan [path]')
    .description('rescan all watched folders, or the one that contains a path')
    .action(async (path: string | undefined) => {
      const session = open();
      const reply = await session.call('POST /scan', path === undefined ? {} : { path: absolute(path) });
      const lines = reply.roots.map(
        (root) => `${homePath(root.path)}: ${countText(root.files)} files in ${root.tookMs} ms`,
      );
      session.print(reply, () =>
        lines.length === 0 ? ['nothing is watched yet; watch a folder: plinth watch FOLDER'] : lines,
      );
    });
}
