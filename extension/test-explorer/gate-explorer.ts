import * as vscode from 'vscode';
import { messageOf } from '../../daemon/errors.ts';
import type { GatedModel } from '../../daemon/protocol/policy.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import type { Extension } from '../context.ts';
import { Reread } from '../mirror/reread.ts';
import type { Mirror, Phase } from '../mirror/reducer.ts';
import { gateItem, stateOf, type GateItem, type GateSubject } from './gate-items.ts';
import { runGates, wantedGates } from './run-gates.ts';
import { pickVersion } from '../pick.ts';

const policyFiles = '**/plinth.yaml';
/** A promotion comes with several events, and an editor may save a file several times. */
const rereadAfterMs = 400;
/** If more models changed, all are read at once. */
const maxSingleModels = 10;

/** Keeps the items of Test Explorer as the policies are, and runs their gates. */
export class GateExplorer implements vscode.Disposable {
  readonly #extension: Extension;
  readonly #controller: vscode.TestController;
  readonly #items = new WeakMap<vscode.TestItem, GateItem>();
  readonly #reread = new Reread(() => this.#readStale(), rereadAfterMs);
  readonly #parts: vscode.Disposable;
  /** The state of each model that is shown, see `stateOf`. */
  #states = new Map<string, string>();
  /** True if policies may have changed, or models got other names. */
  #isWholeStale = true;
  /** Stages and aliases that failed by themselves, and not by a gate below them. */
  readonly #refused = new WeakSet<vscode.TestItem>();
  /** Models about which something happened since they were read. */
  #touched = new Set<string>();
  #phase: Phase;

  constructor(extension: Extension, controller: vscode.TestController) {
    this.#extension = extension;
    this.#controller = controller;
    this.#phase = extension.service.mirror.phase;
    const files = vscode.workspace.createFileSystemWatcher(policyFiles);
    const soon = (): void => this.#staleSoon(true);
    this.#parts = vscode.Disposable.from(
      files,
      files.onDidChange(soon),
      files.onDidCreate(soon),
      files.onDidDelete(soon),
      extension.service.onMessage((message) => this.#hear(message)),
      extension.service.onChange((mirror) => this.#changed(mirror)),
      vscode.workspace.onDidGrantWorkspaceTrust(soon),
      vscode.workspace.onDidChangeWorkspaceFolders(soon),
    );
  }

  dispose(): void {
    this.#reread.cancel();
    this.#parts.dispose();
  }

  /** Fills the view when it is opened, or one item of it. Starts the service if the workspace has a policy, as our own views do. */
  async resolve(item: vscode.TestItem | undefined): Promise<void> {
    if (item) return this.#fill(item);
    if (vscode.workspace.isTrusted && (await hasPolicy())) this.#extension.service.start();
    await this.#read();
  }

  /** Reads everything again. The person asked for it, so a service that was stopped is started. */
  async refresh(): Promise<void> {
    this.#extension.service.wake();
    await this.#read();
  }

  /** Reads the gates for the icons beside an open plinth.yaml, if the service runs. */
  async look(): Promise<void> {
    if (this.#phase === 'running') await this.#read();
  }

  /** Checks gates for the version of each model that would be promoted next. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    await this.#readFor(request);
    await this.#check(request, token, new Map());
  }

  /** Checks the gates of one model for a version that the person picks. */
  async runForVersion(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    await this.#readFor(request);
    const models = [...new Set(this.#wanted(request).map(({ model }) => model.model))];
    const [model] = models;
    if (model === undefined) return this.#check(request, token, new Map());
    if (models.length > 1)
      return void vscode.window.showInformationMessage(vscode.l10n.t('Choose the gates of one model.'));
    const version = await pickVersion(this.#extension, model, vscode.l10n.t('Check Gates of a Version'));
    if (version) await this.#check(request, token, new Map([[model, version.number]]));
  }

  async #check(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    chosen: ReadonlyMap<string, number>,
  ): Promise<void> {
    const run = this.#controller.createTestRun(request);
    try {
      await runGates({ run, token, extension: this.#extension, refused: this.#refused }, this.#wanted(request), chosen);
    } finally {
      run.end();
    }
  }

  #wanted(request: vscode.TestRunRequest): ReturnType<typeof wantedGates> {
    const included = request.include ?? [...this.#controller.items].map(([, item]) => item);
    return wantedGates(included, request.exclude ?? [], (item) => this.#subject(item));
  }

  #subject(item: vscode.TestItem): GateSubject | undefined {
    this.#fill(item);
    return this.#items.get(item)?.subject;
  }

  #hear(message: StreamMessage): void {
    if (message.kind === 'resync') this.#staleSoon(true);
    if (message.kind !== 'event' || message.event.model === null) return;
    const { type, model, actor } = message.event;
    // What a gate's command found is evidence: it makes no other result stale.
    if (actor !== 'gate') this.#touched.add(model);
    this.#staleSoon(type.startsWith('model.'));
  }

  #changed({ phase }: Mirror): void {
    const isNew = phase !== this.#phase;
    this.#phase = phase;
    if (isNew && phase === 'running') this.#staleSoon(true);
  }

  #staleSoon(isWhole: boolean): void {
    this.#isWholeStale ||= isWhole;
    this.#reread.soon();
  }

  async #readStale(): Promise<void> {
    const touched = [...this.#touched];
    if (this.#isWholeStale || touched.length > maxSingleModels) return this.#read();
    await this.#readModels(touched).catch(() => (this.#isWholeStale = true));
  }

  /** Reads single models, because a long training causes many events. */
  async #readModels(names: readonly string[]): Promise<void> {
    for (const name of names) {
      // What happens from now on may not be in the answer, and makes the model stale again.
      const isTouched = this.#touched.delete(name);
      const read = this.#extension.service.callInBackground((client) => client.call('GET /gates', { model: name }));
      const { models } = await read.catch((error: unknown) => {
        if (isTouched) this.#touched.add(name);
        throw error;
      });
      const [model] = models;
      if (model) this.#showModel(model, isTouched);
      else this.#remove(name);
    }
  }

  /** Reads the models of a run anew, as their policies may lie where no change is seen. */
  async #readFor({ include }: vscode.TestRunRequest): Promise<void> {
    const names = new Set(include?.map(modelIdOf));
    if (names.size === 0 || names.size > maxSingleModels || this.#isWholeStale) return this.#read();
    // If the service is away, the run itself says so.
    await this.#readModels([...names]).catch(() => undefined);
  }

  /** Reads the gates of all models. What was known stays while the service is away. */
  async #read(): Promise<void> {
    if (!vscode.workspace.isTrusted)
      return this.#showLine(vscode.l10n.t('Restricted Mode: the gates of models are not read.'));
    const { service } = this.#extension;
    let touched: ReadonlySet<string> = new Set();
    try {
      await service.whenKnown();
      this.#isWholeStale = false;
      touched = this.#touched;
      this.#touched = new Set();
      const { models } = await service.callInBackground((client) => client.call('GET /gates', {}));
      this.#show(models, touched);
    } catch (error) {
      this.#isWholeStale = true;
      this.#touched = new Set([...touched, ...this.#touched]);
      if (this.#states.size === 0) this.#showLine(messageOf(error));
    }
  }

  #showLine(text: string): void {
    this.#states.clear();
    this.#controller.items.replace([this.#controller.createTestItem('', text)]);
  }

  /** Shows all models. `touched`: those about which something happened before they were read. */
  #show(models: readonly GatedModel[], touched: ReadonlySet<string>): void {
    const names = new Set(models.map(({ model }) => model));
    this.#controller.items.forEach(({ id }) => names.has(id) || this.#remove(id));
    for (const model of models) this.#showModel(model, touched.has(model.model));
  }

  /** Shows a model. Results that were computed for another state of it are outdated, and those before an event about it. */
  #showModel(model: GatedModel, isTouched: boolean): void {
    const before = this.#states.get(model.model);
    const state = stateOf(model);
    this.#states.set(model.model, state);
    const item = this.#put(this.#controller.items, gateItem(model), model.model);
    if (before !== undefined && (isTouched || before !== state)) this.#controller.invalidateTestResults(item);
  }

  #remove(name: string): void {
    this.#states.delete(name);
    this.#controller.items.delete(name);
  }

  /** Makes a collection agree with the items. Items that stay keep their results. */
  #putAll(collection: vscode.TestItemCollection, items: readonly GateItem[]): void {
    const wanted = new Set(items.map(({ id }) => id));
    collection.forEach(({ id }) => wanted.has(id) || collection.delete(id));
    items.forEach((item, index) => this.#put(collection, item, String(index).padStart(4, '0')));
  }

  #put(collection: vscode.TestItemCollection, item: GateItem, sortText: string): vscode.TestItem {
    const uri = this.#uriOf(item.path);
    const known = collection.get(item.id);
    const isSame = known !== undefined && String(known.uri) === String(uri);
    const shown = isSame ? known : this.#controller.createTestItem(item.id, item.label, uri);
    shown.label = item.label;
    shown.sortText = sortText;
    shown.error = item.error === '' ? undefined : item.error;
    const at = new vscode.Position(item.place.line - 1, item.place.column - 1);
    if (uri) shown.range = new vscode.Range(at, at);
    this.#items.set(shown, item);
    // Icons beside a plinth.yaml need all of its gates; other models are filled when somebody opens them.
    const isFilled = uri !== undefined || shown.children.size > 0;
    shown.canResolveChildren = !isFilled && item.children.length > 0;
    if (isFilled) this.#putAll(shown.children, item.children);
    if (!isSame) collection.add(shown);
    return shown;
  }

  #fill(item: vscode.TestItem): void {
    if (!item.canResolveChildren) return;
    item.canResolveChildren = false;
    this.#putAll(item.children, this.#items.get(item)?.children ?? []);
  }

  /** Returns the address of a policy in this workspace; undefined for one elsewhere, or on another machine. */
  #uriOf(path: string): vscode.Uri | undefined {
    if (this.#extension.service.remote.url !== undefined) return undefined;
    const uri = vscode.Uri.file(path);
    return vscode.workspace.getWorkspaceFolder(uri) && uri;
  }
}

function modelIdOf(item: vscode.TestItem): string {
  return item.parent ? modelIdOf(item.parent) : item.id;
}

async function hasPolicy(): Promise<boolean> {
  return (await vscode.workspace.findFiles(policyFiles, '**/node_modules/**', 1)).length > 0;
}
