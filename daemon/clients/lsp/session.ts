import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Connection, InitializeParams } from 'vscode-languageserver/node';
import { TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { defaultDataFolder } from '../../config.ts';
import { messageOf } from '../../errors.ts';
import { allFeatures, type Features, type ServerOptions } from '../../protocol/code-action.ts';
import { Identifier } from './references/identify.ts';
import { Mirror } from './mirror/sync.ts';
import { Locks } from './lock/files.ts';
import { nothing, type Registry } from './mirror/reducer.ts';
import { fileOf, Scenes } from './document-models.ts';
import { GateReports } from './gate-reports.ts';
import { WorkspaceIndex } from './references/workspace-index.ts';

/** Milliseconds during which changes are gathered before documents are refreshed. */
const settleMs = 120;

/** State of one editor's connection. */
export class Session {
  readonly connection: Connection;
  readonly documents = new TextDocuments(TextDocument);
  readonly index = new WorkspaceIndex();
  readonly identifier: Identifier;
  readonly gateReports: GateReports;
  readonly locks = new Locks();
  readonly scenes: Scenes;
  /** Called after a change that may affect open documents. */
  onChange: () => void = () => undefined;
  features: Features = allFeatures;
  folders: string[] = [];
  commands = false;
  /** False keeps the server from looking up files that documents name, and from sending their paths to the service. */
  trusted = true;
  client: InitializeParams['capabilities'] = {};
  #mirror: Mirror | undefined;
  #dataFolder = '';
  #timer: NodeJS.Timeout | undefined;
  #indexing: Promise<void> = Promise.resolve();

  constructor(connection: Connection) {
    this.connection = connection;
    const changed = (): void => this.#changed();
    this.identifier = new Identifier({
      registry: () => this.registry,
      client: () => this.#mirror?.client,
      trusted: () => this.trusted,
      changed,
    });
    this.gateReports = new GateReports({ client: () => this.#mirror?.client, changed });
    this.scenes = new Scenes({
      registry: () => this.registry,
      features: () => this.features,
      commands: () => this.commands,
      folders: () => this.folders,
      identifier: this.identifier,
      gates: this.gateReports,
      lock: (file) => this.locks.of(file),
      uses: (model) => this.index.mentions(model).length,
    });
  }

  get registry(): Registry {
    return this.#mirror?.registry ?? nothing;
  }

  get mirror(): Mirror | undefined {
    return this.#mirror;
  }

  begin(params: InitializeParams): void {
    const options = (params.initializationOptions ?? {}) as ServerOptions;
    this.client = params.capabilities;
    this.commands = options.commands === true;
    this.trusted = options.trusted !== false;
    this.features = { ...allFeatures, ...options.features };
    const folders = params.workspaceFolders ?? [];
    this.folders = folders.flatMap(({ uri }) => (uri.startsWith('file:') ? [fileURLToPath(uri)] : []));
    this.#dataFolder = options.dataFolder ?? defaultDataFolder();
  }

  /** Starts to follow the registry and to index the workspace. */
  follow(): void {
    this.#mirror = new Mirror({
      dataFolder: this.#dataFolder,
      named: serviceOf(process.env),
      changed: () => this.#changed(),
      happened: (model) => this.gateReports.outdate(model),
      failed: (reason) => this.connection.console.warn(`The registry could not be read: ${reason}`),
    });
    void this.locks.read(this.folders).then(() => this.#changed());
    if (this.features.references) this.indexWorkspace();
  }

  indexWorkspace(): void {
    this.#indexing = this.#readWorkspace();
  }

  async #readWorkspace(): Promise<void> {
    try {
      const began = performance.now();
      const count = await this.index.build(this.folders);
      for (const document of this.documents.all()) this.indexOpen(document);
      this.connection.console.log(`${count} files read in ${Math.round(performance.now() - began)} ms`);
    } catch (error) {
      this.connection.console.warn(`The workspace could not be read: ${messageOf(error)}`);
    }
  }

  /** Indexes an open document with its text in the editor; for a notebook, its cells. */
  indexOpen({ uri }: Pick<TextDocument, 'uri'>): void {
    const file = fileOf(uri);
    if (file === undefined) return;
    const open = this.documents.all().filter((one) => fileOf(one.uri) === file);
    const cells = open.filter((one) => one.uri.startsWith('vscode-notebook-cell:'));
    const [whole] = open;
    if (cells.length > 0)
      this.index.takeCells(
        file,
        cells.map((cell) => ({ uri: cell.uri, language: cell.languageId, text: cell.getText() })),
      );
    else if (whole) this.index.take(file, whole.getText());
    else void this.index.read(file);
  }

  /** Resolves when the workspace is indexed and the registry is read, or after `withinMs` without a service. */
  async known(withinMs: number): Promise<void> {
    await this.#indexing;
    for (const end = Date.now() + withinMs; this.registry.asOf === null && Date.now() < end;) await sleep(20);
  }

  trust(): void {
    this.trusted = true;
    this.#changed();
  }

  /** Refreshes gate reports after a plinth.yaml has changed. */
  rulesChanged(): void {
    this.gateReports.outdate();
    this.#changed();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#mirror?.close();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.scenes.renew();
      this.onChange();
    }, settleMs);
  }
}

/** Returns the service that PLINTH_URL and PLINTH_TOKEN name; undefined for that of the data folder. */
function serviceOf(env: NodeJS.ProcessEnv): { url: string; token: string } | undefined {
  const url = env['PLINTH_URL'];
  return url ? { url, token: env['PLINTH_TOKEN'] ?? '' } : undefined;
}
