import { setTimeout as sleep } from 'node:timers/promises';
import { findDaemon } from '../../client/discover.ts';
import { follow, type Follower } from '../../client/follow.ts';
import { reachUrl } from '../../client/remote.ts';
import { connect, type Client } from '../../client/request.ts';
import { messageOf } from '../../../errors.ts';
import type { ServiceAccess } from '../../../protocol/handshake.ts';
import type { StreamMessage } from '../../../protocol/stream.ts';
import { readModel, readModels } from '../../client/read-models.ts';
import { StaleModels } from '../../../shared/registry-mirror.ts';
import { readVersions, versionPages } from './fetch.ts';
import { apply, nothing, type Change, type Registry } from './reducer.ts';

/** Milliseconds during which events are gathered, so that each model is read once. */
const staleAfterMs = 60;
/** Milliseconds between two checks whether a service has started. */
const lookEveryMs = 2000;
/** Versions that are loaded in advance; those of further models are loaded when a document names them. */
const maxUnasked = 20_000;

export interface MirrorOptions {
  dataFolder: string;
  /** Address and token of a service on another machine; undefined for that of the data folder. */
  named?: { url: string; token: string } | undefined;
  /** Called after each change of the registry. */
  changed: () => void;
  /** Called with the model that an event changed, and without one when anything may have changed. */
  happened?: (model?: string) => void;
  /** Called with a sentence about a failed request. */
  failed: (reason: string) => void;
}

/**
 * Mirrors the registry by the event stream. Nobody waits for the service: the last known state is returned, also while it
 * restarts. Starts no service; connects within 2 s after one has started.
 */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #follower: Follower;
  readonly #stale = new StaleModels();
  readonly #asked = new Set<string>();
  #registry: Registry = nothing;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #whole = false;
  #closed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#follower = follow({
      kind: 'lsp',
      find: () => this.#find(),
      onMessage: (message) => this.#hear(message),
      onLost: () => (this.#client = undefined),
    });
  }

  get registry(): Registry {
    return this.#registry;
  }

  /** The connection; undefined without one. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** Loads versions of a model that were left out, in the background; with a number, those around it. */
  want(model: string, number?: number): void {
    const versions = this.#registry.versions.get(model);
    if (!this.#registry.models.has(model) || versions?.complete) return;
    if (versions && (number === undefined || versions.known.has(number))) return;
    const from = versions && number !== undefined ? number + 1 : undefined;
    const key = `${model}@${from ?? ''}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    void this.#queued(async (client) => this.#change(await readVersions(client, model, from)));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#follower.close();
  }

  async #find(): Promise<ServiceAccess> {
    const { named } = this.#options;
    if (named) return (this.#client = await reachUrl(named.url, named.token, 'lsp')).daemon;
    for (;;) {
      const daemon = await findDaemon(this.#options.dataFolder);
      if (daemon) this.#client = connect(daemon, 'lsp');
      if (daemon) return daemon;
      if (this.#closed) throw new Error('closed');
      await sleep(lookEveryMs, undefined, { ref: false });
    }
  }

  #hear(message: StreamMessage): void {
    if (message.kind === 'hello' || message.kind === 'resync') this.#options.happened?.();
    if (message.kind === 'resync' || (message.kind === 'hello' && !this.#whole)) return this.#readAll();
    if (message.kind !== 'event') return;
    const stale = this.#stale.add(message.event);
    for (const name of stale) this.#options.happened?.(name);
    if (stale.length > 0) this.#timer ??= setTimeout(() => this.#readStale(), staleAfterMs);
  }

  #readAll(): void {
    this.#asked.clear();
    void this.#queued(async (client) => {
      this.#change({ kind: 'models', models: await readModels(client), at: Date.now() });
      let read = 0;
      for (const { name, versions } of this.#registry.models.values()) {
        if (versions === 0 || read >= maxUnasked) continue;
        for await (const page of versionPages(client, name, maxUnasked - read)) {
          this.#change(page);
          read += page.page.length;
        }
      }
      this.#whole = true;
    });
  }

  #readStale(): void {
    this.#timer = undefined;
    const stale = this.#stale.take();
    void this.#queued(async (client) => {
      for (const [name, numbers] of stale) await this.#readAgain(client, name, numbers);
    });
  }

  /** Reads a model, its newest page, and older versions that events changed. The page is there before the model is shown. */
  async #readAgain(client: Client, name: string, numbers: ReadonlySet<number>): Promise<void> {
    const model = await readModel(client, name);
    if (!model) return this.#change({ kind: 'model', name, model, at: Date.now() });
    const newest = await readVersions(client, name);
    this.#change(newest);
    this.#change({ kind: 'model', name, model, at: Date.now() });
    const last = newest.page.at(-1)?.number ?? 0;
    for (const number of [...numbers].filter((one) => one < last && !newest.complete))
      this.#change(await readVersions(client, name, number + 1, 1));
  }

  #change(change: Change): void {
    this.#registry = apply(this.#registry, change);
    if (!this.#closed) this.#options.changed();
  }

  /** Runs one read at a time, in order. After a failure everything is read again when the service is back. */
  #queued(act: (client: Client) => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      const client = this.#client;
      if (!client || this.#closed) return;
      await act(client).catch((error: unknown) => {
        this.#whole = false;
        if (!this.#closed) this.#options.failed(messageOf(error));
      });
    });
    return this.#last.then(() => undefined);
  }
}
