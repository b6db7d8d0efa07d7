import type { Client } from '../../daemon/clients/client/request.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import { readModel, readModels } from '../../daemon/clients/client/read-models.ts';
import { StaleModels } from '../../daemon/shared/registry-mirror.ts';
import { readEnded, readSurroundings, readVersions } from './fetch.ts';
import { isDeciding, makesEndedStale, type Change, type Mirror } from './reducer.ts';
import { Reread } from './reread.ts';

export interface Around {
  client: () => Client | undefined;
  mirror: () => Mirror;
  /** Returns how many versions of a model are read at once. */
  pageSize: () => number;
  change: (change: Change) => void;
  failed: (error: unknown) => void;
}

/** Many events come together, so the models they are about are read once. */
const modelsAfterMs = 60;
/** A scan sends messages about thousands of files. */
const surroundingsAfterMs = 300;
/** So many models are read together with their versions, because the tree shows their metrics. */
const openedAtOnce = 30;

/**
 * Keeps the mirror current: reads everything once, then rereads what each message is about. Models are read one at a time, in
 * order. Artifacts and the service's status are other parts of the mirror, and no model waits for them.
 */
export class Reader {
  readonly #around: Around;
  readonly #stale = new StaleModels();
  #models: NodeJS.Timeout | undefined;
  readonly #surroundings: Reread;
  readonly #ended: Reread;
  #last: Promise<unknown> = Promise.resolve();

  constructor(around: Around) {
    this.#around = around;
    this.#surroundings = new Reread(() => this.#readSurroundings(), surroundingsAfterMs);
    this.#ended = new Reread(() => this.#take(async (client) => [await readEnded(client)]), surroundingsAfterMs);
  }

  hear(message: StreamMessage): void {
    if (message.kind === 'resync') return void this.readAll();
    if (message.kind === 'progress') return this.#around.change(message);
    if (message.kind === 'scan') {
      const { root, files, tookMs } = message;
      this.#around.change({ kind: 'scanned', scan: { root, files, tookMs, at: Date.now() } });
    }
    if (message.kind === 'event') this.#happened(message);
    if (message.kind !== 'hello') this.#surroundings.soon();
    if (makesEndedStale(this.#around.mirror(), message)) this.#ended.soon();
  }

  #happened({ event }: StreamMessage & { kind: 'event' }): void {
    this.#around.change({ kind: 'happened', event });
    this.#stale.add(event);
    this.#models ??= setTimeout(() => this.#readStale(), modelsAfterMs);
  }

  /** Reads everything again. Returns whether that succeeded. */
  readAll(): Promise<boolean> {
    return this.#queued(async (client) => {
      this.#around.change({ kind: 'models', models: await readModels(client), at: Date.now() });
      const { items } = await client.call('GET /log', { limit: 200 });
      this.#around.change({ kind: 'activity', events: items });
      for (const change of await readSurroundings(client)) this.#around.change(change);
      this.#around.change(await readEnded(client));
      this.#openFirst();
    });
  }

  #openFirst(): void {
    const { models, opened } = this.#around.mirror();
    const first = models.slice(0, openedAtOnce).map(({ name }) => name);
    for (const name of new Set([...first, ...opened.keys()])) void this.open(name);
  }

  /** Reads a model's versions: as many as were read before, and one more page when asked. */
  async open(model: string, more = false): Promise<void> {
    await this.#queued((client) => this.#readVersions(client, model, more));
  }

  async #readVersions(client: Client, model: string, more = false): Promise<void> {
    const known = this.#around.mirror().opened.get(model)?.versions ?? [];
    const page = this.#around.pageSize();
    const change = more
      ? await readVersions(client, model, page, known)
      : await readVersions(client, model, Math.max(page, known.length));
    this.#around.change(change);
  }

  forget(): void {
    clearTimeout(this.#models);
    this.#models = undefined;
    this.#surroundings.cancel();
    this.#ended.cancel();
    this.#stale.clear();
  }

  #readStale(): void {
    this.#models = undefined;
    const stale = this.#stale.take();
    void this.#queued(async (client) => {
      for (const [name] of stale) {
        const model = await readModel(client, name);
        if (model) await this.#readVersions(client, name);
        this.#around.change({ kind: 'model', name, model, at: Date.now() });
      }
    });
  }

  /** Reads what surrounds the models. No message tells when everything was decided, so an empty tree that waits for that reads again. */
  async #readSurroundings(): Promise<void> {
    await this.#take(readSurroundings);
    const { models, status } = this.#around.mirror();
    if (this.#around.client() && models.length === 0 && isDeciding({ status })) this.#surroundings.soon();
  }

  async #take(read: (client: Client) => Promise<Change[]>): Promise<void> {
    const client = this.#around.client();
    if (!client) return;
    await read(client).then((changes) => changes.forEach((change) => this.#around.change(change)), this.#around.failed);
  }

  #queued(act: (client: Client) => Promise<void>): Promise<boolean> {
    const done = this.#last.then(async () => {
      const client = this.#around.client();
      if (!client) return false;
      await act(client);
      return true;
    });
    this.#last = done.catch((error: unknown) => this.#around.failed(error));
    return done.catch(() => false);
  }
}
