import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import {
  noticeKinds,
  webhookTemplates,
  type BuiltInTemplate,
  type Delivery,
  type NoticeKind,
  type Webhook,
  type WebhookChoices,
} from '../../../protocol/routes/webhooks.ts';
import { messageOf, systemCode } from '../../../errors.ts';
import { ageText, countOf } from '../../../shared/format.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import { UsageError } from '../exit.ts';
import { absolute } from '../paths.ts';
import type { Open, Session } from '../session.ts';
import { table, type Cell } from '../terminal/table.ts';

interface Options {
  on?: (NoticeKind | 'all')[];
  models?: string[];
  template?: BuiltInTemplate;
  body?: string;
  ca?: string;
}

interface AddOptions extends Options {
  allowPrivate?: boolean;
}

interface ChangeOptions extends Options {
  address?: string;
  publicCa?: boolean;
}

export function webhook(program: Command, open: Open): void {
  const group = program.command('webhook').description('tell other programs what happens to models');
  withChoices(group.command('add <url>'))
    .description('send notices to an address; its secret, which signs them, is shown once')
    .option('--allow-private', 'allow an address in a private range, or on this machine')
    .action((url: string, options: AddOptions) => add(open(), url, options));
  withChoices(group.command('change <id>'))
    .description('change what a webhook is told, where and in which form; its secret stays')
    .option('--address <url>', 'send to another address')
    .option('--public-ca', 'accept certificates of public authorities again')
    .action((id: string, options: ChangeOptions) => change(open(), id, options));
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
    .action((id: string) => sendTest(open(), id));
  group
    .command('retry <id>')
    .description('send the notices again that were given up')
    .action(async (id: string) => {
      const session = open();
      const reply = await session.call('POST /webhooks/retry', { id });
      session.print(reply, () => [`${countOf(reply.deliveries, 'notice')} will be sent again`]);
    });
}

function withChoices(command: Command): Command {
  return command
    .addOption(new Option('--on <kinds...>', 'kinds of notices (default: all)').choices([...noticeKinds, 'all']))
    .option('--models <globs...>', "only about these models, such as 'churn-*' (default: all, '**')")
    .addOption(new Option('--template <name>', 'form of the body (default: json)').choices(webhookTemplates))
    .option('--body <file>', 'form of the body as a JSON file of your own, with {model} and the like in its texts')
    .option('--ca <file>', 'accept only certificates of this authority, a PEM file');
}

async function add(session: Session, url: string, { allowPrivate, ...options }: AddOptions): Promise<void> {
  const made = await session.call('POST /webhooks', { url, allowPrivate, ...choicesOf(options) });
  session.print(made, () => [
    made.secret,
    `webhook ${made.id} · the secret above signs its notices · try it with: plinth webhook test ${made.id}`,
  ]);
}

async function change(session: Session, id: string, { address, publicCa, ...options }: ChangeOptions): Promise<void> {
  if (publicCa === true && options.ca !== undefined)
    throw new UsageError('Give either --ca or --public-ca: a webhook has one kind of authority.');
  const choices = choicesOf(options);
  const ca = publicCa === true ? { ca: null } : {};
  if (address === undefined && publicCa !== true && Object.keys(choices).length === 0)
    throw new UsageError('Nothing to change: give at least one option. See: plinth webhook change --help');
  const changed = await session.call('POST /webhooks/change', { id, url: address, ...choices, ...ca });
  const { deliveries } = await session.call('GET /webhooks', {});
  session.print(changed, () => [
    `changed webhook ${id} · try it with: plinth webhook test ${id}`,
    ...webhookTable(session, [changed], deliveries),
  ]);
}

function choicesOf({ on, models, template, body, ca }: Options): WebhookChoices {
  return {
    ...(on && { on: on.includes('all') ? [] : on.filter((kind) => kind !== 'all') }),
    ...(models && { models: models.includes('**') ? [] : models }),
    ...(template && { template }),
    ...(body !== undefined && { body: textIn(body) }),
    ...(ca !== undefined && { ca: textIn(ca) }),
  };
}

function textIn(path: string): string {
  try {
    return readFileSync(absolute(path), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new UsageError(`There is no file ${path}.`);
    throw new UsageError(`The file ${path} cannot be read: ${messageOf(error)}.`);
  }
}

async function sendTest(session: Session, id: string): Promise<void> {
  const reply = await session.call('POST /webhooks/test', { id });
  session.print(reply, () => [
    reply.problem === null ? 'the notice was taken' : `the notice was not taken: ${reply.problem}`,
  ]);
  if (reply.problem !== null) process.exitCode = exitCodes.failed;
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
  const columns = [{ title: 'webhook' }, { title: 'address', least: 20 }, { title: 'notices' }, { title: 'models' }, { title: 'template' }, { title: 'waiting', align: 'right' as const }, { title: 'given up', align: 'right' as const }]; // prettier-ignore
  const rows = webhooks.map(({ id, url, on, models, template, hasAuthority, dropped = 0 }): Cell[] => {
    const own = deliveries.filter((one) => one.webhook === id);
    const dead = own.filter(({ nextAt }) => nextAt === null).length;
    const lost = dead + dropped;
    const given: Cell = lost === 0 ? '0' : { text: String(lost), style: 'red' };
    const address = hasAuthority ? `${url} (own CA)` : url;
    return [id, address, listText(on), listText(models), template, String(own.length - dead), given];
  });
  return table(session.screen, columns, rows);
}

function listText(chosen: readonly string[]): string {
  return chosen.length === 0 ? 'all' : chosen.join(', ');
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
