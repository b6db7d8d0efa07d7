import * as vscode from 'vscode';
import { defaultDataFolder } from '../daemon/config.ts';
import { findDaemon } from '../daemon/clients/client/discover.ts';
import { follow, type Follower } from '../daemon/clients/client/follow.ts';
import { reach, type Launch } from '../daemon/clients/client/launch.ts';
import { connect, type Client } from '../daemon/clients/client/request.ts';
import { Unavailable } from '../daemon/clients/client/unavailable.ts';
import { messageOf } from '../daemon/errors.ts';
import { protocolVersion } from '../daemon/protocol/handshake.ts';
import type { Version } from '../daemon/protocol/model.ts';
import type { VersionDetail } from '../daemon/protocol/routes/versions.ts';
import type { StreamMessage } from '../daemon/protocol/stream.ts';
import type { ReplyOf, RequestOf, Route } from '../daemon/protocol/routes.ts';
import { Reader } from './mirror/sync.ts';
import { OwnActs } from './own-acts.ts';
import { RemoteRegistry } from './remote-registry.ts';
import { setting } from './settings.ts';
import { apply, nothing, type Change, type Mirror, type Phase } from './mirror/reducer.ts';

/** After so many lost connections within this time the service counts as failed. */
const maxFailures = 4;
const failureWindowMs = 180_000;
/** How often a window without a service checks for one. */
const lookEveryMs = 3000;
/** A service stops within this time. */
const leaveWithinMs = 5000;
const leavePollMs = 50;
/** Requests that move nothing and may take minutes. What happens meanwhile is not the act of this window. */
const readingRoute = /^GET |^POST \/(?:tensors\/.*|scan|backup)$/;
/** A service starts within this time, or its clients get an error. */
const knownWithinMs = 10_000;

/** The window's one connection to the registry service, and the mirror of the registry. Its stream keeps the service running. */
export class Service implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Mirror>();
  readonly onChange = this.#changed.event;
  readonly #messages = new vscode.EventEmitter<StreamMessage>();
  /** Fires for each message of the service's stream. */
  readonly onMessage = this.#messages.event;
  readonly ownActs = new OwnActs();
  readonly #log: vscode.LogOutputChannel;
  readonly remote: RemoteRegistry;
  readonly #launch: Pick<Launch, 'script' | 'version'>;
  readonly #reader: Reader;
  readonly #looker: NodeJS.Timeout;
  #mirror: Mirror = nothing;
  #client: Client | undefined;
  #follower: Follower | undefined;
  #failures: number[] = [];
  #leaving = false;
  /** Why the registry on another machine could not be reached; null if it could, or none is named. */
  #unreachable: string | null = null;
  #reaching: Promise<Client> | undefined;

  constructor(launch: Pick<Launch, 'script' | 'version'>, log: vscode.LogOutputChannel, secrets: vscode.SecretStorage) {
    this.remote = new RemoteRegistry(secrets);
    this.#launch = launch;
    this.#log = log;
    this.#reader = new Reader({
      client: () => this.#client,
      mirror: () => this.#mirror,
      pageSize: () => setting('tree.pageSize', 20),
      change: (change) => this.#change(change),
      failed: (error) => this.#log.warn('the registry could not be read', { reason: messageOf(error) }),
    });
    this.#looker = setInterval(() => void this.#look(), lookEveryMs);
  }

  get mirror(): Mirror {
    return this.#mirror;
  }

  get dataFolder(): string {
    const configured = setting('dataFolder', '');
    return configured === '' ? defaultDataFolder() : configured;
  }

  /** Connects when a service is already running; starts none. */
  async join(): Promise<boolean> {
    if (this.#follower) return true;
    const daemon = await this.#find();
    if (daemon && !this.#follower) this.#follow();
    if (!this.#follower) this.#phase('stopped', this.#unreachable);
    return daemon !== undefined;
  }

  /** Connects, and starts the service when none runs and the settings allow it. Throws when the person asked but the workspace is not trusted. */
  start(explicit = false): void {
    if (explicit && !vscode.workspace.isTrusted) throw new Unavailable(restricted());
    this.#failures = [];
    if (this.#follower) return;
    if (!explicit && !setting('daemon.autoStart', true)) return void this.join();
    this.#phase('starting', null);
    this.#follow();
  }

  /** Closes the connection and opens that to the registry that the settings name now. */
  async reconnect(): Promise<void> {
    this.#release();
    this.#failures = [];
    this.#unreachable = null;
    this.#change({ kind: 'reads-only', reason: null });
    await this.join();
  }

  /** Stops the service and closes the connection. */
  async stop(): Promise<void> {
    if (this.remote.url !== undefined)
      throw new Unavailable(
        vscode.l10n.t('The registry at {0} runs on another machine. Stop it there.', this.remote.url),
      );
    const daemon = await findDaemon(this.dataFolder);
    this.#release();
    this.#leaving = true;
    try {
      if (daemon) await connect(daemon, 'vscode').call('POST /stop', {});
      await this.#gone();
    } finally {
      this.#leaving = false;
      this.#phase('stopped', null);
    }
  }

  /** Waits until the stopped service has ended. Otherwise the next check would connect to it again, and then lose it. */
  async #gone(): Promise<void> {
    for (let waited = 0; waited < leaveWithinMs && (await findDaemon(this.dataFolder)); waited += leavePollMs) {
      await new Promise((resolve) => setTimeout(resolve, leavePollMs));
    }
  }

  /** Sends a request to the service, which is started when none runs. Throws the service's refusal. */
  async call<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
    return this.withClient(async (client) => {
      this.#assertMay(route);
      return this.#send(client, route, request);
    });
  }

  /** Does the same for an agent: the log records `ana/agent`. */
  async callAsAgent<R extends Route>(route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
    return this.withClient(async ({ daemon }) => {
      this.#assertMay(route);
      return this.#send(connect(daemon, 'agent'), route, request);
    });
  }

  /** Sends a request, and remembers a change as an act of this window. */
  #send<R extends Route>(client: Client, route: R, request: RequestOf<R>): Promise<ReplyOf<R>> {
    const send = (): Promise<ReplyOf<R>> => client.call(route, request);
    return readingRoute.test(route) ? send() : this.ownActs.follow(request, send);
  }

  /** Throws `Unavailable` for a change that this window may not make. */
  #assertMay(route: Route): void {
    const { readsOnly } = this.#mirror;
    if (route.startsWith('GET ')) return;
    if (readsOnly !== null) throw new Unavailable(readsOnly);
    if (!vscode.workspace.isTrusted) throw new Unavailable(restricted());
  }

  /** Calls `act` with the connection, and connects first when needed. */
  async withClient<T>(act: (client: Client) => Promise<T>): Promise<T> {
    this.#client ??= await this.#reach();
    if (!this.#follower) this.#follow();
    return act(this.#client);
  }

  /** Like `withClient`, for calls that no person asked for. Does not start a service that was stopped, but throws `Unavailable`. */
  async callInBackground<T>(act: (client: Client) => Promise<T>): Promise<T> {
    if (this.#leaving || this.#mirror.phase === 'stopped' || this.#mirror.phase === 'failed')
      throw new Unavailable(this.#mirror.problem ?? notRunning());
    return this.withClient(act);
  }

  /** Waits until it is known whether a service runs, some seconds at most. */
  async whenKnown(): Promise<void> {
    const isKnown = ({ phase }: Mirror): boolean => phase !== 'unknown' && phase !== 'starting';
    if (isKnown(this.#mirror)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, knownWithinMs);
    const watching = this.onChange((mirror) => isKnown(mirror) && resolve());
    await promise;
    clearTimeout(timer);
    watching.dispose();
  }

  /** Verifies the files of a version, and returns their path on this machine. Those of another machine are copied into the cache. */
  async placeFiles(detail: Pick<VersionDetail, 'version' | 'files'>): Promise<string> {
    if (!vscode.workspace.isTrusted) throw new Unavailable(restricted());
    if (this.remote.url !== undefined) {
      const { downloadVersion } = await import('../daemon/clients/client/download.ts');
      return this.withClient((client) => downloadVersion(client, detail, () => undefined));
    }
    const { model, number } = detail.version;
    const request = { model, version: String(number) };
    return (await this.call('POST /models/:model/versions/:version/materialise', request)).path;
  }

  /** Starts a service that was stopped, because a person wants something from the registry. */
  wake(): void {
    if (this.#follower) return;
    if (vscode.workspace.isTrusted) this.start(true);
    else void this.join();
  }

  /** Reads the versions of a model that was opened, or the next page of them. Starts no service, since drawing the tree calls this. */
  async open(model: string, more = false): Promise<void> {
    await this.#reader.open(model, more);
  }

  /** Calls `act` with the connection; returns undefined when there is none. For calls that no person asked for. */
  async ifConnected<T>(act: (client: Client) => Promise<T>): Promise<T | undefined> {
    return this.#client && act(this.#client);
  }

  /** Reads what a version's rows show. Starts no service. */
  async openVersion({ model, number }: Version): Promise<void> {
    const request = { model, version: String(number) };
    const detail = await this.ifConnected((client) => client.call('GET /models/:model/versions/:version', request));
    if (!detail) return;
    const { files, lineage, approvals = [], ofRun } = detail;
    const shown = { files, lineage, approvals, ...(ofRun && { ofRun }) };
    this.#change({ kind: 'detail', version: `${model}@${number}`, detail: shown });
  }

  dispose(): void {
    clearInterval(this.#looker);
    this.#release();
    this.#changed.dispose();
    this.#messages.dispose();
  }

  async #look(): Promise<void> {
    if (this.#leaving) return;
    if (!this.#follower && this.#mirror.phase !== 'unknown' && (await this.#find())) await this.join();
  }

  #release(): void {
    this.#reader.forget();
    this.#follower?.close();
    this.#follower = undefined;
    this.#client = undefined;
  }

  /** Makes one attempt for all callers. A second process would wait for the data folder and start when the first is stopped. */
  #reach(): Promise<Client> {
    this.#reaching ??= this.#reachNow().finally(() => (this.#reaching = undefined));
    return this.#reaching;
  }

  async #reachNow(): Promise<Client> {
    const { url } = this.remote;
    if (url !== undefined) return this.remote.reach(url);
    const client = vscode.workspace.isTrusted
      ? await reach(this.dataFolder, 'vscode', { ...this.#launch, ...launchSettings(), acceptNewer: true })
      : connect(await this.#running(), 'vscode');
    const newer = client.daemon.protocol > protocolVersion;
    const reason = vscode.l10n.t(
      'The registry service (Plinth {0}) is newer than this extension. Update the extension to make changes.',
      client.daemon.version,
    );
    this.#change({ kind: 'reads-only', reason: newer ? reason : null });
    return client;
  }

  /** Returns the running service; undefined for none, or for one on another machine that cannot be reached. */
  async #find(): Promise<Client['daemon'] | undefined> {
    const { url } = this.remote;
    if (url === undefined) return findDaemon(this.dataFolder);
    try {
      const { daemon } = await this.remote.reach(url);
      this.#unreachable = null;
      return daemon;
    } catch (error) {
      this.#unreachable = messageOf(error);
      return undefined;
    }
  }

  async #running(): Promise<Client['daemon']> {
    const daemon = await findDaemon(this.dataFolder);
    if (!daemon) throw new Unavailable(restricted());
    return daemon;
  }

  #follow(): void {
    this.#follower = follow({
      kind: 'vscode',
      find: async () => (this.#client = await this.#reach()).daemon,
      onMessage: (message) => {
        if (message.kind === 'hello') this.#connected();
        this.#reader.hear(message);
        this.#messages.fire(message);
      },
      onLost: (reason, _retryMs, onPurpose) => this.#lost(reason, onPurpose),
    });
  }

  #connected(): void {
    void this.#reader.readAll().then((good) => good && this.#phase('running', null));
  }

  /** Called when the connection is lost. A service that stopped on purpose is not started again; one that crashed is, a limited number of times. */
  #lost(reason: string, onPurpose: boolean): void {
    this.#client = undefined;
    this.#log.warn('connection lost', { reason });
    if (onPurpose || !vscode.workspace.isTrusted) {
      this.#release();
      return this.#phase('stopped', null);
    }
    const now = Date.now();
    this.#failures = [...this.#failures.filter((at) => now - at < failureWindowMs), now];
    if (this.#failures.length <= maxFailures) return this.#phase('starting', reason);
    this.#release();
    this.#phase('failed', reason);
  }

  #phase(phase: Phase, problem: string | null): void {
    this.#change({ kind: 'phase', phase, problem });
  }

  #change(change: Change): void {
    this.#mirror = apply(this.#mirror, change);
    this.#changed.fire(this.#mirror);
  }
}

export function notRunning(): string {
  return vscode.l10n.t('The registry service is not running.');
}

function restricted(): string {
  return vscode.l10n.t('Restricted Mode: the registry is read-only and no service is started.');
}

/** Returns how the person wants the service to run. Only user settings count, because the manifest gives these settings machine scope. */
function launchSettings(): Launch {
  const node = setting('daemon.nodePath', '');
  const idleSeconds = setting('daemon.keepAlive', false) ? null : setting('daemon.idleShutdownMinutes', 10) * 60;
  return { idleSeconds, env: setting('daemon.extraEnv', {}), ...(node === '' ? {} : { node }) };
}
