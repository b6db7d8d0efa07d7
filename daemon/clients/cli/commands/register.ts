import type { Command } from 'commander';
import { artifactText } from '../../../shared/event-text.ts';
import type { Registered } from '../../../protocol/routes/versions.ts';
import { absolute, existing, homePath } from '../paths.ts';
import { UsageError } from '../exit.ts';
import { withOwnProgress, withProgress } from '../terminal/progress.ts';
import { clean } from '../terminal/sanitize.ts';
import { nameText } from './why.ts';
import type { Open, Session } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

interface RegisterOptions {
  model?: string;
  again?: boolean;
  found?: string;
}

export function register(program: Command, open: Open): void {
  program
    .command('register [path]')
    .description('register a file or folder as a version')
    .option('--model <name>', 'model name (default: derived from the path)')
    .option('--again', 'register even if an identical version exists')
    .option('--found <root>', 'register all models that this folder contained when it was first watched')
    .action((path: string | undefined, options: RegisterOptions) => {
      if (options.found !== undefined && path === undefined) return registerFound(open(), options.found);
      if (options.found === undefined && path !== undefined) return registerPath(open(), path, options);
      throw new UsageError('Give either a path or --found ROOT.');
    });
}

async function registerPath(session: Session, given: string, options: RegisterOptions): Promise<void> {
  const path = absolute(given);
  const { model, again } = options;
  const reply =
    session.url === undefined
      ? await withProgress(
          session,
          'registering',
          (subject) => subject.startsWith(path),
          () => session.call('POST /register', { path, model, again }),
        )
      : await uploadPath(session, path, options);
  const { version, named } = reply;
  session.print(reply, () => [
    `registered ${referenceTo(version.model, version.number)} · ${artifactText(version, version.metrics)} · ${homePath(version.source.path)}`,
    ...(named && version.number === 1 ? [`  ${nameText(named, version.model)}`] : []),
    ...version.problems.map((problem) => session.screen.style('yellow', `  problem: ${problem.message}`)),
  ]);
}

/** Sends a file or folder to a service on another machine and registers it there. */
async function uploadPath(session: Session, path: string, { model, again }: RegisterOptions): Promise<Registered> {
  const { registerByUpload } = await import('../../client/upload.ts');
  const client = await session.client();
  const request = { path: existing(path), model, again };
  return clean(await withOwnProgress('sending', (onSent) => registerByUpload(client, request, onSent)));
}

async function registerFound(session: Session, given: string): Promise<void> {
  const root = absolute(given);
  const reply = await session.call('POST /found/register', { root });
  session.print(reply, () => [
    `${reply.registered} found below ${homePath(root)} are being registered · follow with: plinth events --follow`,
  ]);
}
