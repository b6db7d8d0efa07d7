import { html, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ModelFacts, Tensor } from '../../../daemon/protocol/artifact.ts';
import { countText, sizeText } from '../../../daemon/shared/format.ts';
import { elementsOf } from './tensor-tree.ts';

export interface TypeShare {
  type: string;
  tensors: number;
  elements: number;
  /** Null if the format does not say it of each tensor. */
  bytes: number | null;
  /** Of all bytes, or of all elements if bytes are not known. */
  share: number;
}

/** Returns how much of a model is of each type, the most first. Pure. */
export function typeShares(tensors: readonly Tensor[]): TypeShare[] {
  const isSized = tensors.every(({ bytes }) => bytes !== null);
  const groups = [...Map.groupBy(tensors, ({ dtype }) => dtype)].map(([type, own]) => {
    const elements = own.reduce((sum, tensor) => sum + elementsOf(tensor), 0);
    const bytes = isSized ? own.reduce((sum, tensor) => sum + (tensor.bytes ?? 0), 0) : null;
    return { type, tensors: own.length, elements, bytes, weight: bytes ?? elements };
  });
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  return groups
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ weight, ...group }) => ({ ...group, share: total === 0 ? 0 : weight / total }));
}

const [width, height] = [600, 20];
/** Types with a colour of their own; the rest share one. */
const maxColours = 7;

/** Shows the mix of types as one stacked bar, with a table that says the same. Nothing for a single type. */
export function typeMix({ tensors }: ModelFacts): TemplateResult | typeof nothing {
  const shares = typeShares(tensors);
  if (shares.length < 2) return nothing;
  let left = 0;
  const boxes = shares.map(({ type, share }, index) => {
    const box = { type, share, x: left * width, width: share * width, colour: colourOf(index) };
    left += share;
    return box;
  });
  const label = shares.map(({ type, share }) => `${type} ${percent(share)}`).join(', ');
  return html`<div class="type-mix">
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
      ${boxes.map((box) => svg`<rect class=${box.colour} x=${box.x} width=${Math.max(0.5, box.width - 1)} height=${height}><title>${box.type} ${percent(box.share)}</title></rect>`)}
    </svg>
    <div class="wide" tabindex="0" role="group" aria-label=${l10n.t('Types')}>
      <table>
        <thead>
          <tr>
            <th scope="col">${l10n.t('Type')}</th>
            <th scope="col" class="number">${l10n.t('Share')}</th>
            <th scope="col" class="number">${l10n.t('Tensors')}</th>
            <th scope="col" class="number">${l10n.t('Parameters')}</th>
            <th scope="col" class="number">${l10n.t('Size')}</th>
          </tr>
        </thead>
        <tbody>
          ${shares.map(
            ({ type, tensors: count, elements, bytes, share }, index) =>
              html`<tr>
                <th scope="row">
                  <svg class="swatch" aria-hidden="true">
                    <rect class=${colourOf(index)} width="10" height="10"></rect>
                  </svg>
                  ${type}
                </th>
                <td class="number">${percent(share)}</td>
                <td class="number">${countText(count)}</td>
                <td class="number">${countText(elements)}</td>
                <td class="number">${bytes === null ? '' : sizeText(bytes)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

function colourOf(index: number): string {
  return index < maxColours ? `mix-${index + 1}` : 'mix-rest';
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? value.toFixed(1) : value.toPrecision(2)} %`;
}
