import type { Command } from 'commander';
import type { Root } from '../../../protocol/model.ts';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function watch(program: Command, open: Open): void {
  program
    .command('watch <path>')
    .description('watch a folder and register the models that training scripts save in it')
    .action(async (path: string) => {
      const session = open();
      const root = await session.call('POST /roots', { path: absolute(path) });
      session.print(root, () => watchedLines(root));
    });
}

function watchedLines(root: Root): string[] {
  const { found, registered } = root.counts;
  const state = root.state === 'watching' ? '' : ` (${root.state}: ${root.detail})`;
  const lines = [`watching ${homePath(root.path)}${state}`];
  if (found > 0)
    lines.push(
      `${found} artifacts were there already · list with: plinth ls --found · register with: plinth register --found ${root.path}`,
    );
  if (registered > 0) lines.push(`${registered} artifacts are registered`);
  return lines;
}
