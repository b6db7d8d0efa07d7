import { messageOf } from '../../daemon/errors.ts';
import type { ReportRef } from '../../daemon/protocol/lineage.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import {
  pointerRefOf,
  referenceTo,
  runFolderIn,
  runReference,
  splitReference,
} from '../../daemon/shared/references.ts';
import { identifiedView, loadView, type Call } from './load-view.ts';
import type { FromPage, LinkedLook, PageLocation, PinMove, TextRef, View } from '../protocol.ts';
import { asProblem, FileReading } from './file-reading.ts';
import type { CapturedRef, PageHost } from './page-host.ts';
import { refreshAfterMs, refreshDelay } from './refresh-rules.ts';

type ReportMessage = FromPage & { kind: 'report' | 'openReport' };

const maxCopiedText = 200_000;
const maxOfferedVersions = 500;

/**
 * Controls one open page: sends it views, keeps them current and answers its messages. It is the same in VS Code and in a
 * browser; the differences are behind `PageHost`.
 */
export class PageController {
  readonly #host: PageHost;
  #location: PageLocation;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Numbers of the draw begun last and of the draw shown last, so that an older result is never shown over a newer one. */
  #begun = 0;
  #shown = 0;
  /** The tensor job that this page waits for. The stream also reports jobs of other pages. */
  #job: string | undefined;
  readonly #file: FileReading;
  #isBehind = false;
  /** The model that the start page showed first. */
  #firstModel: string | undefined;
  #isClosed = false;

  constructor(host: PageHost, location: PageLocation) {
    this.#host = host;
    this.#file = new FileReading(host);
    this.#location = location;
  }

  get location(): PageLocation {
    return this.#location;
  }

  /** Answers a message of the page. Errors are shown to the user. */
  async receive(message: FromPage): Promise<void> {
    try {
      await this.#answer(message);
    } catch (error) {
      this.#host.reportError(messageOf(error));
    }
  }

  /** Handles a message of the service's stream. */
  follow(message: StreamMessage): void {
    if (message.kind === 'progress' && message.task === 'tensors') this.#reportTensors(message);
    const delay = refreshDelay(this.#location, message);
    if (delay !== undefined) this.#drawLater(delay);
  }

  #reportTensors({ subject, done, total }: StreamMessage & { kind: 'progress' }): void {
    if (subject === this.#job) this.#host.post({ kind: 'progress', done, total });
    this.#file.report(subject, done, total);
  }

  /** Called when the service answers again. Redraws a page that is out of date. */
  connected(): void {
    if (this.#isBehind) this.#drawLater(refreshAfterMs);
  }

  /** Leaves the page as it is, with one line that says why it may be out of date. */
  disconnected(message: string): void {
    this.#isBehind = true;
    if (!this.#isClosed) this.#host.post({ kind: 'away', message });
  }

  async show(location: PageLocation): Promise<void> {
    this.#location = location;
    this.#job = undefined;
    await this.draw();
  }

  async draw(): Promise<void> {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const location = this.#location;
    const draw = (this.#begun += 1);
    const isOutdated = (): boolean => location !== this.#location || draw < this.#shown;
    try {
      const view = await loadView(this.#host.callInBackground, this.#withFirstModel(location));
      if (isOutdated()) return;
      this.#shown = draw;
      this.#isBehind = false;
      if (view.page === 'models') this.#firstModel ??= view.chosen?.model.name;
      this.#render(this.#host.complete?.(view) ?? view);
    } catch (error) {
      if (!isOutdated()) this.disconnected(messageOf(error));
    }
  }

  /** The model stays the one that was shown first, whichever is changed later. */
  #withFirstModel(location: PageLocation): PageLocation {
    const isOpen = location.page === 'models' && location.model === undefined && this.#firstModel !== undefined;
    return isOpen ? { page: 'models', model: this.#firstModel! } : location;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#file.close();
  }

  #drawLater(ms: number): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.draw(), ms);
  }

  #render(view: View): void {
    if (this.#isClosed) return;
    const location = this.#location;
    const look = location.page === 'compare' ? location.look : undefined;
    this.#host.post({
      kind: 'render',
      view,
      look,
      editor: this.#host.editor !== undefined,
      ...this.#host.presentation(),
    });
  }

  /** Notes how the page shows its comparison, for links to it. Nothing is read again. */
  #keepLook(look: LinkedLook): void {
    if (this.#location.page !== 'compare') return;
    Object.assign(this.#location, { look });
    this.#host.relocated?.(this.#location);
  }

  async #answer(message: FromPage): Promise<unknown> {
    const { dialogs, editor } = this.#host;
    switch (message.kind) {
      case 'ready':
        return this.draw();
      case 'open':
        return this.#open(message.place);
      case 'look':
        return this.#keepLook(message.look);
      case 'keep':
        return this.#host.keep(message.key, message.value);
      case 'copyLink':
        return this.#host.copyText(this.#host.linkTo(this.#location));
      case 'pin':
        return this.#pin(message);
      case 'draftPolicy':
        return this.#draftPolicy(message);
      case 'curves':
        return Promise.all(message.metrics.map((metric) => this.#sendCurves(message, metric)));
      case 'promote':
        return dialogs.promote(message.reference);
      case 'askApproval':
      case 'approve':
      case 'reject':
        return dialogs.review(message.kind, message.reference, pointerRefOf(message.pointer));
      case 'rollBack':
        return this.#rollBack(message);
      case 'add':
        return this.#addVersion(message.versions);
      case 'captured':
        return this.#showCaptured(message);
      case 'text':
        return this.#sendText(message);
      case 'diffText':
        return this.#diffText(message);
      case 'report':
        return this.#sendReport(message);
      case 'pictures':
        return this.#sendPictures(message);
      case 'openReport':
        return this.#host.openReport(reportRef(message));
      case 'norms':
        return this.#measure(message);
      case 'cancel':
        return this.#host.call('POST /tensors/cancel', { job: message.job });
      case 'editCard':
        return dialogs.editCard(message.model);
      case 'editTags':
        return dialogs.editTags(message.reference);
      case 'comment':
        return this.#comment(message);
      case 'runGates':
        return this.#runGates(message);
      case 'download':
        return this.#host.downloadFile(reportRef(message));
      case 'siblings':
        return this.#sendSiblings(message.reference);
      case 'tokenizer':
        return this.#file.sendTokenizer(message.path);
      case 'compareFile':
        return this.#file.compare(message);
      case 'describeTensor':
        return this.#file.describe(message);
      case 'identify':
        return this.#identify(message.path);
      case 'register':
        return this.#register(message.path);
      case 'copy':
        return this.#host.copyText(message.text.slice(0, maxCopiedText));
      case 'save':
        return this.#host.saveFile({ ...message, name: message.name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-') });
      case 'differences':
        return editor?.showDifferences(message.versions[0] ?? '', message.versions.at(-1) ?? '');
      case 'references':
        return editor?.findReferences(message.model);
      case 'export':
        return editor?.exportComparison(message.versions);
    }
  }

  async #open(next: PageLocation): Promise<void> {
    if (await this.#host.open(next, this.#location)) await this.show(next);
  }

  async #sendCurves({ versions, points }: FromPage & { kind: 'curves' }, metric: string): Promise<void> {
    const columns = await this.#host.readPoints(versions, metric, points);
    if (!this.#isClosed) this.#host.post({ kind: 'series', versions, metric, columns });
  }

  /** Starts from the present pins, since the page may be older. */
  async #pin({ model, metric, to }: FromPage & { kind: 'pin' }): Promise<void> {
    const { pinnedMetrics } = await this.#host.call('GET /models/:model', { model });
    const metrics = movePin(pinnedMetrics, metric, to);
    await this.#host.call('POST /models/:model/metrics', { model, metrics });
  }

  async #draftPolicy({ model, edit }: FromPage & { kind: 'draftPolicy' }): Promise<void> {
    const draft = await this.#host.call('GET /models/:model/policy/draft', { model, ...edit });
    if (this.#host.editor) await this.#host.editor.editPolicy(draft);
    else await this.#host.showText(draft.path, draft.text);
  }

  /** Promotes with the pointer's current state, since the page may be older. */
  async #rollBack({ model, pointer: kind, name }: FromPage & { kind: 'rollBack' }): Promise<void> {
    const { pointers } = await this.#host.call('GET /models/:model', { model });
    const pointer = pointers.find((one) => one.kind === kind && one.name === name);
    if (pointer) await this.#host.dialogs.rollBack(model, pointer);
  }

  /** Lets the user add another version of the baseline's model, or a running run, to the comparison. */
  async #addVersion(compared: readonly string[]): Promise<void> {
    const baseline = compared.find((one) => runFolderIn(one) === undefined);
    const { items } =
      baseline === undefined
        ? { items: [] }
        : await this.#host.call('GET /models/:model/versions', {
            model: splitReference(baseline).model,
            limit: maxOfferedVersions,
          });
    const { runs } = await this.#host.call('GET /runs', { status: 'running' });
    const chosen = await this.#host.dialogs.pickVersion(
      items.filter(({ model, number }) => !compared.includes(referenceTo(model, number))),
      runs.filter(({ folder }) => !compared.includes(runReference(folder))),
    );
    if (chosen !== undefined) await this.#open({ page: 'compare', versions: [...compared, chosen] });
  }

  async #comment({ reference, text }: FromPage & { kind: 'comment' }): Promise<void> {
    const { model, version = '' } = splitReference(reference);
    await this.#host.call('POST /models/:model/versions/:version/comment', { model, version, text });
  }

  /** The result is stored, so a redraw shows it. */
  async #runGates({ reference, pointer }: FromPage & { kind: 'runGates' }): Promise<void> {
    const { model, version = '' } = splitReference(reference);
    const { kind, name } = pointerRefOf(pointer);
    await this.#host.call('POST /models/:model/versions/:version/gates', { model, version, [kind]: name });
    await this.draw();
  }

  async #showCaptured({ reference, path }: FromPage & { kind: 'captured' }): Promise<void> {
    const { model, version = '' } = splitReference(reference);
    const request = { model, version, path };
    const { text } = await this.#host.call('GET /models/:model/versions/:version/captured', request);
    await this.#host.showText(path, text);
  }

  /** Sends the text of a captured file or a report. Its path may be another one in each version, so it is found by its digest. */
  async #sendText({ reference, digest }: FromPage & { kind: 'text' }): Promise<void> {
    const sent = await this.#readText({ reference, digest }).catch(asProblem);
    if (!this.#isClosed) this.#host.post({ kind: 'text', digest, ...sent });
  }

  async #readText(of: TextRef): Promise<{ text: string }> {
    const call = this.#host.callInBackground;
    const { isReport, ...found } = await findText(call, of);
    if (isReport) return { text: new TextDecoder().decode((await this.#host.readReport(found)).bytes) };
    const { text } = await call('GET /models/:model/versions/:version/captured', found);
    return { text };
  }

  async #sendSiblings(reference: string): Promise<void> {
    const { model, version = '' } = splitReference(reference);
    const call = this.#host.callInBackground('GET /models/:model/versions/:version/siblings', { model, version });
    const sent = await call.catch(asProblem);
    if (!this.#isClosed) this.#host.post({ kind: 'siblings', reference, ...sent });
  }

  async #diffText({ name, before, after }: FromPage & { kind: 'diffText' }): Promise<void> {
    const [left, right] = await Promise.all([before, after].map((text) => findText(this.#host.call, text)));
    if (left && right) await this.#host.editor?.showTextDifference(name, left, right);
  }

  async #sendReport(message: ReportMessage): Promise<void> {
    const { reference, path } = message;
    const sent = await this.#host.readReport(reportRef(message)).catch(asProblem);
    if (!this.#isClosed) this.#host.post({ kind: 'report', reference, path, ...sent });
  }

  async #sendPictures({ model, path }: FromPage & { kind: 'pictures' }): Promise<void> {
    const sent = await this.#host.callInBackground('GET /models/:model/reports', { model, path }).catch(asProblem);
    if (!this.#isClosed) this.#host.post({ kind: 'pictures', model, path, ...sent });
  }

  async #measure({ baseline, candidate, job }: FromPage & { kind: 'norms' }): Promise<void> {
    this.#job = job;
    this.#host.post({ kind: 'progress', done: 0, total: 1 });
    try {
      const norms = await this.#host.call('POST /tensors/compare', { baseline, candidate, job, norms: true });
      if (!this.#isClosed && this.#job === job) this.#host.post({ kind: 'norms', norms });
    } catch (error) {
      if (this.#job === job) this.#host.post({ kind: 'norms-failed' });
      throw error;
    } finally {
      if (this.#job === job) this.#job = undefined;
    }
  }

  /** Shows the version that the file became. */
  async #register(path: string): Promise<void> {
    const { version } = await this.#host.call('POST /register', { path });
    await this.#open({ page: 'version', model: version.model, version: String(version.number) });
  }

  async #identify(path: string): Promise<void> {
    this.#render(await identifiedView(this.#host.call, path));
  }
}

/** Finds where a text lies in a version, since its path may be another one in each version. */
async function findText(call: Call, { reference, digest }: TextRef): Promise<CapturedRef & { isReport: boolean }> {
  const { model, version = '' } = splitReference(reference);
  const { lineage } = await call('GET /models/:model/versions/:version', { model, version });
  const captured = lineage?.captured.find((file) => file.digest === digest);
  const report = captured ? undefined : lineage?.reports?.find((one) => one.digest === digest);
  return { model, version, path: (captured ?? report)?.path ?? '', isReport: report !== undefined };
}

function movePin(pinned: readonly string[], metric: string, to: PinMove): string[] {
  const others = pinned.filter((one) => one !== metric);
  const places = { first: 0, up: Math.max(0, pinned.indexOf(metric) - 1), last: others.length };
  return to === 'none' ? others : others.toSpliced(places[to], 0, metric);
}

function reportRef({ reference, path }: { reference: string; path: string }): ReportRef {
  const { model, version = '' } = splitReference(reference);
  return { model, version, path };
}
