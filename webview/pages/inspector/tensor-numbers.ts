import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { TensorNumbers, TensorStatistics } from '../../../daemon/protocol/tensors.ts';
import { countText, numberText, sizeText } from '../../../daemon/shared/format.ts';
import { HostMessages } from '../../components/elements/host-messages.ts';
import { host } from '../../components/host.ts';
import { facts } from '../../components/section.ts';
import type { ToPage } from '../../protocol.ts';
import { histogramFigure } from './histogram.ts';
import './heat-map.ts';

type State =
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'read'; statistics: TensorStatistics }
  | { kind: 'problem'; text: string };

/** What the numbers of one tensor are. They are read when it is shown, and no longer when it is not. */
class TensorNumbersPart extends LitElement {
  static override properties = { path: {}, tensor: {}, state: { state: true }, isTable: { state: true } };
  declare path: string;
  declare tensor: string;
  declare state: State;
  /** True when the histogram is shown as a table. */
  declare isTable: boolean;
  #job = '';

  constructor() {
    super();
    new HostMessages(this, (message) => this.#hear(message));
    this.path = '';
    this.tensor = '';
    this.isTable = false;
    this.state = { kind: 'reading', done: 0, total: 0 };
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancel();
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('path') && !changed.has('tensor')) return;
    this.#job = crypto.randomUUID();
    this.state = { kind: 'reading', done: 0, total: 0 };
    host.post({ kind: 'describeTensor', path: this.path, tensor: this.tensor, job: this.#job });
  }

  #cancel(): void {
    if (this.state.kind === 'reading') host.post({ kind: 'cancel', job: this.#job });
  }

  #hear(message: ToPage): void {
    if (!('job' in message) || message.job !== this.#job) return;
    if (message.kind === 'tensorProgress') this.state = { kind: 'reading', done: message.done, total: message.total };
    if (message.kind !== 'tensor') return;
    if ('problem' in message) this.state = { kind: 'problem', text: message.problem };
    else if (message.statistics.cancelled) this.state = { kind: 'problem', text: l10n.t('Cancelled.') };
    else this.state = { kind: 'read', statistics: message.statistics };
  }

  override render(): TemplateResult {
    const { state } = this;
    if (state.kind === 'problem') return html`<p class="worse" role="alert">${state.text}</p>`;
    if (state.kind === 'read') {
      const show = (isTable: boolean): void => void (this.isTable = isTable);
      return numbersOf(state.statistics, { isShown: this.isTable, show });
    }
    const { done, total } = state;
    const label = total === 0 ? l10n.t('Reading…') : l10n.t('{0} of {1} read', sizeText(done), sizeText(total));
    return html`<p role="status">
      <progress max=${total || 1} value=${total === 0 ? nothing : done} aria-label=${label}></progress>
      <span class="count">${label}</span>
      <button class="act" @click=${() => this.#cancel()}>${l10n.t('Cancel')}</button>
    </p>`;
  }
}

function numbersOf(
  { why, numbers, histogram, heatMap, shape, bytes, name }: TensorStatistics,
  table: Parameters<typeof histogramFigure>[2],
): TemplateResult {
  if (why !== null || numbers === null) return html`<p>${why ?? l10n.t('Nothing was read.')}</p>`;
  const elements = shape.reduce((product, size) => product * size, 1);
  return html`<div class="tensor-parts">
    ${numbersTable(numbers, elements)} ${histogram === null ? nothing : histogramFigure(name, histogram, table)}
    ${heatMap === null ? nothing : html`<plinth-heat-map .of=${heatMap} .name=${name}></plinth-heat-map>`}
    <p class="count">${l10n.t('{0} read', sizeText(bytes))}</p>
  </div>`;
}

function numbersTable(numbers: TensorNumbers, elements: number): TemplateResult | typeof nothing {
  const { min, max, mean, deviation, zeros, nan, positiveInfinite, negativeInfinite } = numbers;
  const value = (of: number | null): TemplateResult =>
    of === null
      ? html`<span title=${l10n.t('No number is finite.')}>–</span>`
      : html`<span title=${String(of)}>${numberText(of).replace('-', '−')}</span>`;
  const share = (count: number): string => {
    const percent = (100 * count) / Math.max(1, elements);
    return count === 0 ? '0' : `${countText(count)} (${percent < 0.1 ? '<0.1' : percent.toFixed(1)} %)`;
  };
  const odd = (count: number): TemplateResult =>
    count === 0 ? html`0` : html`<span class="worse">⚠ ${share(count)}</span>`;
  return facts([
    [l10n.t('Minimum'), value(min)],
    [l10n.t('Maximum'), value(max)],
    [l10n.t('Mean'), value(mean)],
    [l10n.t('Standard deviation'), value(deviation)],
    [l10n.t('Zeros'), share(zeros)],
    ['NaN', odd(nan)],
    ['+∞', positiveInfinite === 0 ? null : odd(positiveInfinite)],
    ['−∞', negativeInfinite === 0 ? null : odd(negativeInfinite)],
    [l10n.t('Infinite'), positiveInfinite + negativeInfinite === 0 ? '0' : null],
  ]);
}

customElements.define('plinth-tensor-numbers', TensorNumbersPart);
