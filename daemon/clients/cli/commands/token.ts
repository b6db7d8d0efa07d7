import { Option, type Command } from 'commander';
import { roles, type Role, type TokenInfo } from '../../../protocol/token.ts';
import { countOption } from '../terminal/options.ts';
import type { Open, Session } from '../session.ts';
import { ageText } from '../../../shared/format.ts';

interface Options {
  role: Role;
  model?: string[];
  pointer?: string[];
  days?: number;
  again?: boolean;
}

export function token(program: Command, open: Open): void {
  const group = program.command('token').description('tokens of further people and programs, each with a role');
  group
    .command('create <owner>')
    .description('make a token for somebody; it is shown once and kept nowhere')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('viewer'))
    .option('--model <globs...>', 'models that it may change (default: all)')
    .option('--pointer <globs...>', 'stages and @aliases that it may move (default: all)')
    .option('--days <count>', 'for so many days (default: until it is revoked)', countOption)
    .option('--again', 'the owner has a token already, and this is the same person')
    .action(async (owner: string, { model, pointer, ...options }: Options) => {
      const session = open();
      const made = await session.call('POST /tokens', { owner, models: model, pointers: pointer, ...options });
      session.print(made, () => [made.token, `token ${made.id} of ${owner}, ${options.role} · use it as PLINTH_TOKEN`]);
    });
  group
    .command('revoke <id>')
    .description('make a token of no use')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /tokens/revoke', { id });
      session.print(reply, () => [`revoked token ${id} · event ${reply.seq}`]);
    });
  group
    .command('list')
    .description('every token that was made; never the tokens themselves')
    .action(async () => {
      const session = open();
      const reply = await session.call('GET /tokens', {});
      const lines = (): string[] => reply.tokens.map((one) => line(session, one));
      session.print(reply, () => (reply.tokens.length === 0 ? ['no further tokens'] : lines()));
    });
}

function line({ now }: Session, { id, owner, role, models, pointers, createdAt, until, revokedAt }: TokenInfo): string {
  const limits = [
    models.length > 0 ? `models ${models.join(', ')}` : [],
    pointers.length > 0 ? `pointers ${pointers.join(', ')}` : [],
  ];
  const ended = revokedAt !== null ? 'revoked' : until !== null && until <= now ? 'expired' : [];
  return [id, owner, role, limits, `made ${ageText(createdAt, now)}`, ended].flat(2).join('  ');
}
