import * as vscode from 'vscode';
import { loadView } from '../../webview/load-view.ts';
import type { Client } from '../../daemon/clients/client/request.ts';
import { messageOf } from '../../daemon/errors.ts';
import { runFolderIn, runReference, splitReference } from '../../daemon/shared/references.ts';
import type { FromPage, Place, ToPage, View } from '../../webview/protocol.ts';
import { readReference, referenceOf, versionPick } from '../pick.ts';
import { consumersOf } from '../language/consumers.ts';
import type { Extension } from '../context.ts';
import { showDifferences } from '../editors/diff-editor.ts';
import { baseName, nodeOf } from '../trees/nodes.ts';
import { notRunning } from '../service.ts';
import { setting } from '../settings.ts';
import { frame } from './html.ts';
import { isAbout, titleOf } from './page-location.ts';

/** Events come in crowds: the page is sent anew once for all of them. */
const renderAfterMs = 150;
/** Live runs are told of several times a second, and all of their saves are read. */
const runsAfterMs = 1000;
const maxText = 200_000;

interface Around {
  open(place: Place): void;
  /** The page is about something else from now on. */
  moved(place: Place): void;
}

/** One open page. It is sent what it shows; what the person wants comes back from it. */
export class Showing implements vscode.Disposable {
  readonly #extension: Extension;
  readonly #panel: vscode.WebviewPanel;
  readonly #around: Around;
  readonly #parts: vscode.Disposable[] = [];
  #place: Place;
  #timer: NodeJS.Timeout | undefined;
  #seq: number | undefined;
  /** The reading of tensors that this page asked for and waits for. */
  #job: string | undefined;
  /** How many references of the workspace load the model that this page is about. */
  #references: number | undefined;
  /** The service was away or refused since the page was drawn last. */
  #isBehind = false;
  #closed = false;

  constructor(extension: Extension, panel: vscode.WebviewPanel, place: Place, around: Around) {
    this.#extension = extension;
    this.#panel = panel;
    this.#place = place;
    this.#around = around;
  }

  begin(): void {
    const { webview } = this.#panel;
    const { service, context } = this.#extension;
    this.#seq = service.mirror.activity[0]?.seq;
    this.#parts.push(
      webview.onDidReceiveMessage((message: FromPage) => this.#hear(message)),
      service.onChange(() => this.#changed()),
    );
    this.#panel.title = titleOf(this.#place);
    webview.html = frame(webview, context.extensionUri);
  }

  dispose(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#parts).dispose();
  }

  #changed(): void {
    const { activity, phase, problem, progress } = this.#extension.service.mirror;
    const job = this.#job === undefined ? undefined : progress.get(`tensors ${this.#job}`);
    if (job) this.#post({ kind: 'progress', ...job });
    const away = phase === 'running' || phase === 'unknown' ? null : (problem ?? notRunning());
    if (away !== null) return this.#fellBehind(away);
    const since = this.#seq ?? 0;
    this.#seq = activity[0]?.seq;
    const isOurs = activity.some(({ seq, model }) => seq > since && isAbout(this.#place, model));
    if (this.#place.page === 'runs') this.#drawLater(this.#isBehind ? renderAfterMs : runsAfterMs);
    const isLive = this.#place.page === 'compare' && this.#place.versions.some((one) => runFolderIn(one) !== undefined);
    if (isOurs || isLive || this.#isBehind) this.#drawLater(renderAfterMs);
  }

  /** What the page shows stays, with one line below it that says why it may not be true any more. */
  #fellBehind(message: string): void {
    this.#isBehind = true;
    this.#post({ kind: 'away', message });
  }

  #drawLater(ms: number): void {
    this.#timer ??= setTimeout(() => void this.#draw(), ms);
  }

  async #draw(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const read = (client: Client): Promise<View> =>
      loadView((route, request) => client.call(route, request), this.#place);
    try {
      const view = await this.#extension.service.unasked(read);
      this.#isBehind = false;
      this.#render(view);
    } catch (error) {
      this.#fellBehind(messageOf(error));
    }
  }

  #render(view: View): void {
    const { service } = this.#extension;
    const canChange = vscode.workspace.isTrusted && service.mirror.readsOnly === null;
    const words = vscode.l10n.bundle ?? {};
    const onlyDifferences = setting('compare.onlyDifferences', true);
    const references = view.page === 'model' ? this.#referencesTo(view.model.name) : {};
    this.#post({
      kind: 'render',
      view: { ...view, ...references },
      onlyDifferences,
      words: words as Record<string, string>,
      canChange,
      canApprove: canChange,
      editor: true,
    });
  }

  /** As they were counted last; they are counted anew beside it, and the page is drawn again where there are others. */
  #referencesTo(model: string): { references?: number } {
    const before = this.#references;
    void consumersOf(model).then(({ length }) => {
      this.#references = length;
      if (!this.#closed && length !== (before ?? 0)) this.#drawLater(0);
    });
    return before === undefined ? {} : { references: before };
  }

  #post(message: ToPage): void {
    if (!this.#closed) void this.#panel.webview.postMessage(message);
  }

  async #hear(message: FromPage): Promise<void> {
    try {
      await this.#act(message);
    } catch (error) {
      void vscode.window.showErrorMessage(messageOf(error));
    }
  }

  async #act(message: FromPage): Promise<unknown> {
    switch (message.kind) {
      case 'ready':
        return this.#draw();
      case 'open':
        return this.#open(message.place);
      case 'curves':
        return Promise.all(message.metrics.map((metric) => this.#sendCurves(message, metric)));
      case 'promote': {
        const version = await readReference(this.#extension, message.reference);
        return vscode.commands.executeCommand('plinth.promote', nodeOf({ kind: 'version', version }));
      }
      case 'askApproval':
      case 'approve':
      case 'reject':
        return this.#say(message);
      case 'rollBack':
        return this.#rollBack(message);
      case 'differences':
        return showDifferences(this.#extension, message.versions[0] ?? '', message.versions.at(-1) ?? '');
      case 'add':
        return this.#add(message.versions);
      case 'captured':
        return this.#showCaptured(message.reference, message.path);
      case 'norms':
        return this.#measure(message);
      case 'cancel':
        return this.#extension.service.call('POST /tensors/cancel', { job: message.job });
      case 'export':
        return vscode.commands.executeCommand('plinth.exportComparison', message.versions);
      case 'editCard':
        return vscode.commands.executeCommand('plinth.editCard', message.model);
      case 'references': {
        const model = await this.#extension.service.call('GET /models/:model', { model: message.model });
        return vscode.commands.executeCommand('plinth.findReferences', nodeOf({ kind: 'model', model }));
      }
      case 'identify':
        return this.#identify(message.path);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text.slice(0, maxText));
      case 'save':
        return save(message);
    }
  }

  /** Another set of versions is the same page; anything else is another one. */
  async #open(place: Place): Promise<void> {
    if (place.page !== 'compare' || this.#place.page !== 'compare') return this.#around.open(place);
    this.#place = place;
    this.#around.moved(place);
    this.#panel.title = titleOf(place);
    await this.#extension.basket.put(place.versions);
    await this.#draw();
  }

  async #sendCurves({ versions, points }: FromPage & { kind: 'curves' }, metric: string): Promise<void> {
    const columns = await this.#extension.service.unasked((client) => client.points(versions, metric, points));
    this.#post({ kind: 'series', metric, columns });
  }

  async #say({ kind, reference, pointer }: FromPage & { kind: 'askApproval' | 'approve' | 'reject' }): Promise<void> {
    const version = await readReference(this.#extension, reference);
    const place = pointer.startsWith('@')
      ? { kind: 'alias', name: pointer.slice(1) }
      : { kind: 'stage', name: pointer };
    const command = kind === 'askApproval' ? 'plinth.requestApproval' : `plinth.${kind}`;
    await vscode.commands.executeCommand(command, nodeOf({ kind: 'version', version }), place);
  }

  async #rollBack({ model, pointer: kind, name }: FromPage & { kind: 'rollBack' }): Promise<void> {
    const { pointers } = await this.#extension.service.call('GET /models/:model', { model });
    const pointer = pointers.find((one) => one.kind === kind && one.name === name);
    if (pointer) await vscode.commands.executeCommand('plinth.rollBack', nodeOf({ kind: 'pointer', model, pointer }));
  }

  /** Another version of the baseline's model, or a run that goes on. */
  async #add(versions: readonly string[]): Promise<void> {
    const { service } = this.#extension;
    const model = splitReference(versions.find((one) => runFolderIn(one) === undefined) ?? '').model;
    const { items } = await service.call('GET /models/:model/versions', { model, limit: 200 });
    const runs = service.mirror.status?.runs ?? [];
    const picks = [
      ...runs.map(({ folder }) => ({
        label: baseName(folder),
        description: vscode.l10n.t('live run'),
        reference: runReference(folder),
      })),
      ...items.map((version) => ({ ...versionPick(version), reference: referenceOf(version) })),
    ].filter(({ reference }) => !versions.includes(reference));
    const title = vscode.l10n.t('Add Version');
    const chosen = await vscode.window.showQuickPick(picks, { title, matchOnDescription: true });
    if (chosen) await this.#open({ page: 'compare', versions: [...versions, chosen.reference] });
  }

  async #showCaptured(reference: string, path: string): Promise<void> {
    const { model, version = '' } = splitReference(reference);
    const request = { model, version, path };
    const { text } = await this.#extension.service.call('GET /models/:model/versions/:version/captured', request);
    const language = path.endsWith('.diff') ? { language: 'diff' } : {};
    const document = await vscode.workspace.openTextDocument({ content: text, ...language });
    await vscode.window.showTextDocument(document, { preview: true });
  }

  async #measure({ baseline, candidate, job }: FromPage & { kind: 'norms' }): Promise<void> {
    this.#job = job;
    this.#post({ kind: 'progress', done: 0, total: 1 });
    const request = { baseline, candidate, job, norms: true };
    const norms = await this.#extension.service.call('POST /tensors/compare', request);
    this.#job = undefined;
    this.#post({ kind: 'norms', norms });
  }

  async #identify(path: string): Promise<void> {
    const { service } = this.#extension;
    const { matches } = await service.call('GET /identify', { path });
    const inspected = await service.call('GET /inspect', { path });
    const known = matches.map(({ reference }) => reference);
    const view = { page: 'inspect' as const, path, ...inspected, known };
    this.#post({
      kind: 'render',
      view,
      onlyDifferences: true,
      words: {},
      canChange: false,
      canApprove: false,
      editor: true,
    });
  }
}

async function save({ name, content }: FromPage & { kind: 'save' }): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const plain = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  const target = await vscode.window.showSaveDialog(folder ? { defaultUri: vscode.Uri.joinPath(folder, plain) } : {});
  if (!target) return;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await vscode.workspace.fs.writeFile(target, bytes);
}
