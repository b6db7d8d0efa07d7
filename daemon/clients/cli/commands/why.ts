import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { metricsText } from '../../../shared/event-text.ts';
import { absolute, homePath } from '../paths.ts';
import { pairs } from '../terminal/table.ts';
import type { Artifact, NameOrigin } from '../../../protocol/model.ts';
import type { Open, Session } from '../session.ts';
import { shellWord, sizeText } from '../../../shared/format.ts';
import { isGuessed, nameOriginText } from '../../../shared/name-origin.ts';
import { executionText } from '../../../shared/runs/run-text.ts';

export function why(program: Command, open: Open): void {
  program
    .command('why <file>')
    .description('show whether a file was registered, and why')
    .action(async (file: string) => {
      const session = open();
      const reply = await session.call('GET /why', { path: absolute(file) });
      const { artifact, named, resumptions = [] } = reply;
      const known = artifact === null && existsSync(reply.path) ? await identified(session, reply.path) : [];
      session.print(reply, () => [
        `${homePath(reply.path)}: ${reply.reason}`,
        ...known,
        ...pairs(session.screen, [
          ['state', artifact?.state],
          ['format', artifact?.format ?? undefined],
          ['size', artifact ? sizeText(artifact.size) : undefined],
          ['run', artifact?.run ? homePath(artifact.run) : undefined],
          ...resumptions.map(({ reason, from }): [string, string] => [
            'resumed',
            from ? `after ${executionText(from)}: ${reason}` : reason,
          ]),
          ['model', artifact ? modelText(artifact) : undefined],
          ['name', named && nameText(named, artifact?.model ?? '')],
          ['metrics', artifact ? metricsText(artifact.metrics) : undefined],
        ]),
      ]);
    });
}

/** Finds the version with the file's bytes, which may have been registered by path or copied here. */
async function identified(session: Session, path: string): Promise<string[]> {
  const { matches, sentence } = await session.call('GET /identify', { path });
  return matches.length === 0 ? [] : [sentence.replace(path, homePath(path))];
}

/** Formats the origin of a model's name; for a guessed name, with the command to rename it. */
export function nameText(named: NameOrigin, model: string): string {
  const text = nameOriginText(named);
  return isGuessed(named) ? `${text}; rename it with: plinth rename ${shellWord(model)} NAME` : text;
}

function modelText({ model, version }: Artifact): string | undefined {
  return version === null ? (model ?? undefined) : `${model}@${version}`;
}
