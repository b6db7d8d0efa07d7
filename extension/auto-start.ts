import * as vscode from 'vscode';
import { homeFolder } from '../daemon/runtime/current-user.ts';
import { parse } from 'node:path';
import { messageOf } from '../daemon/errors.ts';
import type { Service } from './service.ts';
import { setting } from './settings.ts';

const key = 'plinth.watched';

/** Decides which folders of this workspace the service watches, and when the service is started for it. */
export class Opening implements vscode.Disposable {
  readonly #service: Service;
  readonly #memory: vscode.Memento;
  readonly #log: vscode.LogOutputChannel;
  readonly #parts: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #wasOpened = false;
  /** How many calls of `opened` have not ended. */
  #opening = 0;

  constructor(service: Service, memory: vscode.Memento, log: vscode.LogOutputChannel) {
    this.#service = service;
    this.#memory = memory;
    this.#log = log;
    const again = (): void => void (this.#wasOpened && this.opened());
    this.#parts = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.onDidGrantWorkspaceTrust(again),
      vscode.workspace.onDidChangeWorkspaceFolders(again),
    );
  }

  /** Called at activation. Starts no service for a workspace that has no plinth.yaml and no watched folder. */
  async begin(): Promise<void> {
    if (vscode.workspace.isTrusted && ((await this.#hasPolicy()) || this.#watched.length > 0)) this.#service.start();
    else await this.#service.join();
  }

  /**
   * True until the view was opened for the first time, if that starts the service, and while it is being opened. A view that says that nothing
   * runs or that nothing was found would be wrong a moment later.
   */
  get isUnderWay(): boolean {
    const willStart = !this.#wasOpened && vscode.workspace.isTrusted && setting('daemon.autoStart', true);
    return willStart || this.#opening > 0;
  }

  /** Called when one of our views is opened. In a trusted workspace its folders are watched from then on, and each is added only once. */
  async opened(): Promise<void> {
    this.#wasOpened = true;
    this.#opening += 1;
    try {
      await this.#open();
    } finally {
      this.#opening -= 1;
      this.#changed.fire();
    }
  }

  async #open(): Promise<void> {
    if (!vscode.workspace.isTrusted) return void (await this.#service.join());
    this.#service.start();
    if (!setting('daemon.autoStart', true) && !(await this.#service.join())) return;
    for (const path of this.#wanted().filter((folder) => !this.#watched.includes(folder))) await this.#watch(path);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** Folders that this window gave to the service. One that the person removed is not added a second time. */
  get #watched(): readonly string[] {
    return this.#memory.get<string[]>(key, []);
  }

  #wanted(): string[] {
    const named = setting<string[]>('watch.folders', []);
    if (!setting('watch.workspaceFolders', true)) return named;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    return [...named, ...folders.map(({ uri }) => uri.fsPath).filter((path) => !isEverything(path))];
  }

  async #watch(path: string): Promise<void> {
    try {
      await this.#service.call('POST /roots', { path });
      await this.#memory.update(key, [...this.#watched, path]);
    } catch (error) {
      this.#log.info('a folder is not watched', { folder: path, reason: messageOf(error) });
    }
  }

  async #hasPolicy(): Promise<boolean> {
    const files = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => vscode.Uri.joinPath(uri, 'plinth.yaml'));
    const found = await Promise.all(
      files.map((file) =>
        vscode.workspace.fs.stat(file).then(
          () => true,
          () => false,
        ),
      ),
    );
    return found.includes(true);
  }
}

/** True for a home folder or a whole disk, which is watched only when the person adds it. */
function isEverything(path: string): boolean {
  return path === homeFolder() || path === parse(path).root;
}
