import type { Command } from 'commander';
import { absolute, homePath } from '../paths.ts';
import type { Open } from '../session.ts';

export function trust(program: Command, open: Open): void {
  program
    .command('trust [path]')
    .description('trust the commands of a plinth.yaml and the scripts they call; a changed file must be trusted again')
    .option('--show', 'only show the commands')
    .option('--remove', 'stop trusting the file')
    .action(async (given: string | undefined, { show, remove }: { show?: boolean; remove?: boolean }) => {
      const session = open();
      const path = absolute(given ?? '.');
      if (remove) {
        const reply = await session.call('POST /trust/remove', { path });
        return session.print(reply, () => [`commands of ${homePath(path)} no longer run · event ${reply.seq}`]);
      }
      const found = await session.call('GET /trust', { path });
      const reply = show ? found : await session.call('POST /trust', { path, digest: found.digest });
      const state = reply.trusted ? 'is trusted with its current content' : 'is not trusted with its current content';
      session.print(reply, () => [
        `${homePath(reply.path)} ${state}; ${reply.commands.length === 0 ? 'it runs nothing' : 'it runs:'}`,
        ...reply.commands.map((command) => `  ${command}`),
        ...calledLines(reply.files),
      ]);
    });
}

function calledLines(files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const note = 'files that these import or read are not checked, and run with whatever content they have then';
  return ['files that it calls, which are trusted with it:', ...files.map((file) => `  ${file}`), note];
}

export function policy(program: Command, open: Open): void {
  program
    .command('policy <model> <path>')
    .description('set the plinth.yaml that applies to a model')
    .action(async (model: string, given: string) => {
      const session = open();
      const path = absolute(given);
      const reply = await session.call('POST /models/:model/policy', { model, path });
      session.print(reply, () => [`${model} follows ${homePath(path)} · event ${reply.seq}`]);
    });
}
