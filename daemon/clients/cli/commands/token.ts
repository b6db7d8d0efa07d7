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
  const group = program.command('token').description('manage tokens for other people and programs');
  group
    .command('create <owner>')
    .description('create a token; it is shown once and never stored')
    .addOption(new Option('--role <role>', 'role of the token').choices(roles).default('viewer'))
    .option('--model <globs...>', 'models that the token may change (default: all)')
    .option('--pointer <globs...>', 'stages and @aliases that the token may change (default: all)')
    .option('--days <count>', 'days until the token expires (default: never)', countOption)
    .option('--again', 'confirm that the owner already has a token and is the same person')
    .action(async (owner: string, { model, pointer, ...options }: Options) => {
      const session = open();
      const made = await session.call('POST /tokens', { owner, models: model, pointers: pointer, ...options });
      session.print(made, () => [made.token, `token ${made.id} of ${owner}, ${options.role} · use it as PLINTH_TOKEN`]);
    });
  group
    .command('revoke <id>')
    .description('revoke a token')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /tokens/revoke', { id });
      session.print(reply, () => [`revoked token ${id} · event ${reply.seq}`]);
    });
  group
    .command('list')
    .description('list all tokens, without their secrets')
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
