import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findDaemon } from '../client/discover.ts';
import { reach } from '../client/launch.ts';
import { connect, type Client } from '../client/request.ts';
import { Unavailable } from '../client/unavailable.ts';
import { defaultDataFolder } from '../../config.ts';
import type { ReplyOf, RequestOf, Route } from '../../protocol/routes.ts';
import { clean } from './terminal/sanitize.ts';
import { screen, type Screen } from './terminal/screen.ts';

/** Options, terminal and service of one command. */
export interface Session {
  readonly dataFolder: string;
  /** Address of a service that --url or PLINTH_URL names; undefined for the one of the data folder. */
  readonly url: string | undefined;
  readonly json: boolean;
  readonly screen: Screen;
  /** Time at which the command started, epoch ms. */
  readonly now: number;
  /** Connects to the service, and starts it if none runs. `kind` is recorded with the owner of the token: `cli` by default. */
  client(kind?: 'cli' | 'agent'): Promise<Client>;
  /** Calls a route, and starts the service if none runs. Texts in the reply are safe for a terminal, unless JSON is requested. */
  call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>>;
  /** Prints the reply as JSON if requested, else the lines. */
  print(reply: unknown, lines: () => readonly string[]): void;
}

/** Creates the session of a command. */
export type Open = () => Session;

/** Returns the path of the service's log. */
export function logFile(dataFolder: string): string {
  return resolve(dataFolder, 'log', 'daemon.log');
}

export function dataFolderOf(program: Command): string {
  const { data } = program.opts<{ data?: string }>();
  return resolve(data ?? defaultDataFolder());
}

/** Returns the address that `--url` names, else PLINTH_URL; undefined for none. */
export function urlOption(program: Command): string | undefined {
  const { url } = program.opts<{ url?: string }>();
  return url ?? (process.env['PLINTH_URL'] || undefined);
}

export function openSession(program: Command): Session {
  const dataFolder = dataFolderOf(program);
  const url = urlOption(program);
  const json = program.opts<{ json?: boolean }>().json === true;
  const out = screen();
  let client: Promise<Client> | undefined;
  const reached = (): Promise<Client> =>
    (client ??= url === undefined ? reach(dataFolder, 'cli').then(asTokenOwner) : reachNamed(url));
  return {
    dataFolder,
    url,
    json,
    screen: out,
    now: Date.now(),
    client: async (kind = 'cli') => {
      const client = await reached();
      return kind === 'cli' ? client : connect(client.daemon, kind);
    },
    call: async (route, request) => {
      const reply = await (await reached()).call(route, request);
      return json ? reply : clean(reply);
    },
    print: (reply, lines) => {
      if (json) out.line(jsonText(reply, out.isTTY));
      else for (const line of lines()) out.line(line);
    },
  };
}

/** Connects to the service at an address, with the token in `PLINTH_TOKEN`. */
async function reachNamed(url: string): Promise<Client> {
  const { reachUrl } = await import('../client/remote.ts');
  return reachUrl(url, process.env['PLINTH_TOKEN']?.trim(), 'cli');
}

/** Uses the token in `PLINTH_TOKEN` if it is set, as in CI; otherwise the local user's. */
function asTokenOwner(client: Client): Client {
  const token = process.env['PLINTH_TOKEN'];
  return token === undefined || token === '' ? client : connect({ ...client.daemon, token }, 'cli');
}

/** Formats JSON, indented for people. DEL and C1 control characters, which JSON allows, are escaped. */
export function jsonText(value: unknown, pretty: boolean): string {
  const text = JSON.stringify(value, null, pretty ? 2 : 0);
  return text.replace(/[\u007f-\u009f]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Connects to the running service and never starts one. Throws `Unavailable`. */
export async function runningClient(session: Session): Promise<Client> {
  if (session.url !== undefined) return session.client();
  const daemon = await findDaemon(session.dataFolder);
  if (daemon) return asTokenOwner(connect(daemon, 'cli'));
  throw new Unavailable(
    `no registry service runs on ${session.dataFolder}; any other command, or plinth serve, starts it`,
  );
}
