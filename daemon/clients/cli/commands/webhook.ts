import { Option, type Command } from 'commander';
import {
  noticeKinds,
  webhookTemplates,
  type Delivery,
  type NoticeKind,
  type Webhook,
  type WebhookTemplate,
} from '../../../protocol/routes/webhooks.ts';
import { ageText, countOf } from '../../../shared/format.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import type { Open, Session } from '../session.ts';
import { table, type Cell } from '../terminal/table.ts';

interface Options {
  on?: NoticeKind[];
  template?: WebhookTemplate;
  allowPrivate?: boolean;
}

export function webhook(program: Command, open: Open): void {
  const group = program.command('webhook').description('tell other programs what happens to models');
  group
    .command('add <url>')
    .description('send notices to an address; its secret, which signs them, is shown once')
    .addOption(new Option('--on <kinds...>', 'kinds of notices (default: all)').choices(noticeKinds))
    .addOption(new Option('--template <name>', 'form of the body (default: json)').choices(webhookTemplates))
    .option('--allow-private', 'allow an address in a private range, or on this machine')
    .action(async (url: string, options: Options) => {
      const session = open();
      const made = await session.call('POST /webhooks', { url, ...options });
      session.print(made, () => [made.secret, `webhook ${made.id} · the secret above signs its notices · try it with: plinth webhook test ${made.id}`]); // prettier-ignore
    });
  group
    .command('list')
    .description('list webhooks, and the notices that were not delivered')
    .action(() => list(open()));
  group
    .command('remove <id>')
    .description('remove a webhook and what it was not told yet')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /webhooks/remove', { id });
      session.print(reply, () => [`removed webhook ${id}`]);
    });
  group
    .command('test <id>')
    .description('send a test notice now; exits with 1 if it is not taken')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /webhooks/test', { id });
      session.print(reply, () => [reply.problem === null ? 'the notice was taken' : `the notice was not taken: ${reply.problem}`]); // prettier-ignore
      if (reply.problem !== null) process.exitCode = exitCodes.failed;
    });
  group
    .command('retry <id>')
    .description('send the notices again that were given up')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /webhooks/retry', { id });
      session.print(reply, () => [`${countOf(reply.deliveries, 'notice')} will be sent again`]);
    });
}

async function list(session: Session): Promise<void> {
  const reply = await session.call('GET /webhooks', {});
  session.print(reply, () => {
    if (reply.webhooks.length === 0) return ['no webhooks'];
    return [
      ...webhookTable(session, reply.webhooks, reply.deliveries),
      ...(reply.deliveries.length === 0 ? [] : ['', ...deliveryTable(session, reply.deliveries)]),
    ];
  });
}

function webhookTable(session: Session, webhooks: readonly Webhook[], deliveries: readonly Delivery[]): string[] {
  const columns = [{ title: 'webhook' }, { title: 'address', least: 20 }, { title: 'notices' }, { title: 'template' }, { title: 'waiting', align: 'right' as const }, { title: 'given up', align: 'right' as const }]; // prettier-ignore
  const rows = webhooks.map(({ id, url, on, template, dropped = 0 }): Cell[] => {
    const own = deliveries.filter((one) => one.webhook === id);
    const dead = own.filter(({ nextAt }) => nextAt === null).length;
    const lost = dead + dropped;
    const given: Cell = lost === 0 ? '0' : { text: String(lost), style: 'red' };
    return [id, url, on.length === 0 ? 'all' : on.join(', '), template, String(own.length - dead), given];
  });
  return table(session.screen, columns, rows);
}

function deliveryTable(session: Session, deliveries: readonly Delivery[]): string[] {
  const columns = [{ title: 'not delivered', least: 20 }, { title: 'webhook' }, { title: 'when' }, { title: 'attempts', align: 'right' as const }, { title: 'problem', least: 16 }]; // prettier-ignore
  const rows = deliveries.map(({ notice, webhook: id, attempts, problem }) => [
    notice.text,
    id,
    ageText(notice.at, session.now),
    String(attempts),
    problem ?? '',
  ]);
  return table(session.screen, columns, rows);
}
