import type { Command } from 'commander';
import type { Changed } from '../../../protocol/shapes.ts';
import { split } from '../reference-args.ts';
import type { Open } from '../session.ts';

export function describe(program: Command, open: Open): void {
  program
    .command('describe <reference> <text>')
    .description('set the description of a model or of a version (model@version)')
    .action(async (text: string, description: string) => {
      const session = open();
      const { model, version } = split(text);
      const reply: Changed =
        version === undefined
          ? await session.call('POST /models/:model/describe', { model, description })
          : await session.call('POST /models/:model/versions/:version/describe', { model, version, description });
      session.print(reply, () => [`described ${text} · event ${reply.seq}`]);
    });
}
