import type { Command } from 'commander';
import { metricsText } from './metrics.ts';
import { absolute, homePath } from './paths.ts';
import { pairs } from './table.ts';
import { sizeText } from './format.ts';
import type { Artifact } from '../protocol/model.ts';
import type { Open } from './session.ts';

export function why(program: Command, open: Open): void {
  program
    .command('why <file>')
    .description('say what became of a file, and why')
    .action(async (file: string) => {
      const session = open();
      const reply = await session.call('GET /why', { path: absolute(file) });
      const { artifact } = reply;
      session.print(reply, () => [
        `${homePath(reply.path)}: ${reply.reason}`,
        ...pairs(session.screen, [
          ['state', artifact?.state],
          ['format', artifact?.format ?? undefined],
          ['size', artifact ? sizeText(artifact.size) : undefined],
          ['run', artifact?.run ? homePath(artifact.run) : undefined],
          ['model', artifact ? modelText(artifact) : undefined],
          ['metrics', artifact ? metricsText(artifact.metrics) : undefined],
        ]),
      ]);
    });
}

function modelText({ model, version }: Artifact): string | undefined {
  return version === null ? (model ?? undefined) : `${model}@${version}`;
}
