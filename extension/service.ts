import * as vscode from 'vscode';
import { defaultDataFolder } from '../daemon/config.ts';
import { findDaemon } from '../daemon/client/discover.ts';
import { follow, type Follower } from '../daemon/client/follow.ts';
import { reach } from '../daemon/client/launch.ts';
import { connect, type Client } from '../daemon/client/request.ts';
import { RegistryError, messageOf } from '../daemon/errors.ts';
import type { ReplyOf, RequestOf, Route } from '../daemon/protocol/routes.ts';
import type { StreamMessage } from '../daemon/protocol/stream.ts';
import { apply, nothing, type Change, type Mirror, type Phase } from './state.ts';

const page = 20;
/** Restarts that fail so often within so long end in one error. */
const mostFailures = 4;
const failureWindowMs = 180_000;

/** The window's one connection to the registry service, and the mirror of what it says. */
export class Service implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Mirror>();
  readonly onChange = this.#changed.event;
  readonly #log: vscode.LogOutputChannel;
  readonly #script: string;
  #mirror: Mirror = nothing;
  #client: Client | undefined;
  #follower: Follower | undefined;
  #failures: number[] = [];
  readonly #stale = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(script: string, log: vscode.LogOutputChannel) {
    this.#script = script;
    this.#log = log;
  }

  get mirror(): Mirror {
    return this.#mirror;
  }

  get dataFolder(): string {
    const configured = vscode.workspace.getConfiguration('plinth').get<string>('dataFolder', '');
    return configured === '' ? defaultDataFolder() : configured;
  }

  /** Connects when a service runs already; starts none. */
  async join(): Promise<boolean> {
    if (this.#follower) return true;
    if ((await findDaemon(this.dataFolder)) === undefined) {
      this.#phase('stopped', null);
      return false;
    }
    this.#follow();
    return true;
  }

  /** Connects, starting the service where none runs. */
  start(): void {
    this.#failures = [];
    if (this.#follower) return;
    this.#phase('starting', null);
    this.#follow();
  }

  /** Lets go of the service; `stop` asks it to leave as well. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#release();
    await client?.call('POST /stop', {}).catch(() => undefined);
    this.#phase('stopped', null);
  }

  /** Asks the service, which is started where none runs. Throws what it refuses. */
  async call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
    this.#client ??= await this.#reach();
    if (!this.#follower) this.#follow();
    return this.#client.call(route, request);
  }

  /** Lends the connection, which is made where there is none. */
  async withClient<T>(act: (client: Client) => Promise<T>): Promise<T> {
    this.#client ??= await this.#reach();
    return act(this.#client);
  }

  /** Reads the versions of a model that was opened, or the next page of them. */
  async open(model: string, more = false): Promise<void> {
    const known = more ? (this.#mirror.versions[model] ?? []) : [];
    const cursor = known.at(-1)?.number;
    const limit = Math.max(page, more ? page : (this.#mirror.versions[model]?.length ?? 0));
    const request = { model, limit: Math.min(500, limit), ...(cursor === undefined ? {} : { cursor: String(cursor) }) };
    const reply = await this.call('GET /models/:model/versions', request);
    this.#change({ kind: 'versions', model, versions: [...known, ...reply.items], more: reply.next !== null });
  }

  dispose(): void {
    this.#release();
    this.#changed.dispose();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#follower?.close();
    this.#follower = undefined;
    this.#client = undefined;
  }

  async #reach(): Promise<Client> {
    return reach(this.dataFolder, 'vscode', { script: this.#script });
  }

  #follow(): void {
    this.#follower = follow({
      kind: 'vscode',
      find: async () => {
        this.#client = await this.#reach();
        return this.#client.daemon;
      },
      onMessage: (message) => this.#hear(message),
      onLost: (reason) => this.#lost(reason),
    });
  }

  #lost(reason: string): void {
    this.#client = undefined;
    this.#log.warn('connection lost', { reason });
    const now = Date.now();
    this.#failures = [...this.#failures.filter((at) => now - at < failureWindowMs), now];
    if (this.#failures.length <= mostFailures) return this.#phase('starting', reason);
    this.#release();
    this.#phase('failed', reason);
  }

  #hear(message: StreamMessage): void {
    if (message.kind === 'hello' || message.kind === 'resync') return void this.#reload();
    if (message.kind === 'event') {
      this.#change({ kind: 'happened', event: message.event });
      this.#stale.add(message.event.model ?? '');
    } else if (message.kind !== 'progress') this.#stale.add('');
    this.#timer ??= setTimeout(() => void this.#refresh(), 60);
  }

  async #reload(): Promise<void> {
    await this.#guarded(async (client) => {
      const models = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const reply: ReplyOf<'GET /models'> = await client.call('GET /models', {
          limit: 500,
          ...(cursor === '' ? {} : { cursor }),
        });
        models.push(...reply.items);
        cursor = reply.next;
      }
      this.#change({ kind: 'models', models, at: Date.now() });
      const { items } = await client.call('GET /log', { limit: 200 });
      this.#change({ kind: 'activity', events: items });
      await this.#readArtifacts(client);
      this.#phase('running', null);
      for (const name of Object.keys(this.#mirror.versions)) await this.open(name);
    });
  }

  async #refresh(): Promise<void> {
    this.#timer = undefined;
    const names = [...this.#stale];
    this.#stale.clear();
    await this.#guarded(async (client) => {
      for (const name of names.filter((one) => one !== '')) await this.#readModel(client, name);
      await this.#readArtifacts(client);
    });
  }

  async #readModel(client: Client, name: string): Promise<void> {
    const model = await client.call('GET /models/:model', { model: name }).catch((error: unknown) => {
      if (error instanceof RegistryError && error.code === 'not-found') return undefined;
      throw error;
    });
    this.#change({ kind: 'model', name, model, at: Date.now() });
    if (model && this.#mirror.versions[name]) await this.open(name);
  }

  async #readArtifacts(client: Client): Promise<void> {
    const read = async (state: 'candidate' | 'waiting' | 'found'): Promise<ReplyOf<'GET /artifacts'>['items']> =>
      (await client.call('GET /artifacts', { state, limit: 500 })).items;
    const [candidates, waiting, found] = await Promise.all([read('candidate'), read('waiting'), read('found')]);
    this.#change({ kind: 'artifacts', candidates, waiting, found });
    this.#change({ kind: 'status', status: await client.call('GET /status', {}) });
  }

  async #guarded(act: (client: Client) => Promise<void>): Promise<void> {
    try {
      if (this.#client) await act(this.#client);
    } catch (error) {
      this.#log.warn('the registry could not be read', { reason: messageOf(error) });
    }
  }

  #phase(phase: Phase, problem: string | null): void {
    this.#change({ kind: 'phase', phase, problem });
  }

  #change(change: Change): void {
    this.#mirror = apply(this.#mirror, change);
    this.#changed.fire(this.#mirror);
  }
}

/** A connection for one question, where a service runs; used by what must not start one. */
export async function ifRunning(dataFolder: string): Promise<Client | undefined> {
  const daemon = await findDaemon(dataFolder);
  return daemon && connect(daemon, 'vscode');
}
