import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ModelFacts, PickleReport } from '../../../daemon/protocol/artifact.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { countText, sizeText } from '../../../daemon/shared/format.ts';
import { flattenParams } from '../../../daemon/shared/params.ts';
import { pickleImports, pickleSentence } from '../../../daemon/shared/pickle-text.ts';
import { splitReference } from '../../../daemon/shared/references.ts';
import { kindParts } from '../../../daemon/shared/model-kind.ts';
import { host } from '../../components/host.ts';
import { pageLink } from '../../components/layout/links.ts';
import { badge, pageHeader } from '../../components/layout/page-header.ts';
import { button, facts, section } from '../../components/section.ts';
import { cellText } from '../../components/text.ts';
import type { InspectView } from '../../protocol.ts';
import { tensorTree } from './tensor-tree.ts';
import './tensor-view.ts';
import './tokenizer.ts';
import { typeMix } from './type-mix.ts';

type Part = TemplateResult | typeof nothing;

/** Shows what the headers of a model file say: whether it is registered, whether loading it is safe, and where its parameters are. */
export function inspectorPage(view: InspectView, canChange: boolean): TemplateResult {
  const { path, size, facts: found, problem } = view;
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const kind = kindParts(found ?? {}).join(' · ');
  const register =
    canChange && view.known?.length === 0 && found
      ? button(l10n.t('Register'), () => host.post({ kind: 'register', path }), true)
      : nothing;
  const badges = [kind === '' ? '' : badge(kind), sizeText(size), found ? parametersText(found) : ''];
  return html`${pageHeader(name, badges, [register])}
    <main>
      <p class="sub-line" title=${path}>${path}</p>
      ${registeredBanner(view)} ${problem === null ? nothing : html`<p class="banner bad" role="status">${problem}</p>`}
      ${found?.pickle ? pickleBanner(found.pickle) : nothing} ${found ? contents(found, view) : nothing}
    </main>`;
}

function parametersText({ parameterCount, tensors }: ModelFacts): string {
  const { elements, types } = tensorTree(tensors);
  const count = parameterCount ?? (elements > 0 ? elements : null);
  if (count === null) return '';
  const shares = [...types].toSorted(([, a], [, b]) => b - a).map(([type]) => type);
  return [l10n.t('{0} parameters', countText(count)), shares.slice(0, 3).join(', ')]
    .filter((part) => part !== '')
    .join(' · ');
}

function registeredBanner({ path, known }: InspectView): TemplateResult {
  if (known === null) {
    const look = (): void => host.post({ kind: 'identify', path });
    return html`<p class="banner">
      ${l10n.t('Whether this file is registered was not checked.')}
      <button class="act" @click=${look}>${l10n.t('Find Registered Version')}</button>
    </p>`;
  }
  if (known.length === 0) return html`<p class="banner">${l10n.t('Not registered.')}</p>`;
  const links = known.map((reference, index) => {
    const { model, version = '' } = splitReference(reference);
    return html`${index === 0 ? '' : ', '}${pageLink(reference, { page: 'version', model, version })}`;
  });
  return html`<p class="banner good">✓ ${l10n.t('Registered as')} ${links} · ${l10n.t('identical')}</p>`;
}

/** Says what loading the pickle would do, and lists what it imports, the most dangerous first. */
function pickleBanner(report: PickleReport): TemplateResult {
  const isBad = report.verdict === 'runs code' || report.verdict === 'unreadable';
  const { dangerous, unknown, known } = pickleImports(report);
  const group = (title: string, names: readonly string[], isOpen: boolean): Part =>
    names.length === 0
      ? nothing
      : html`<details class="fold" ?open=${isOpen}>
          <summary>${title} (${names.length})</summary>
          <ul class="imports">
            ${names.slice(0, 200).map((name) => html`<li><code>${name}</code> ${placeText(report, name)}</li>`)}
          </ul>
        </details>`;
  return html`<section class=${`banner ${isBad ? 'bad' : 'good'}`} aria-labelledby="pickle">
    <h2 id="pickle">${isBad ? '✗' : '✓'} ${l10n.t('Pickle safety')}</h2>
    <p>${pickleSentence(report)}</p>
    ${group(l10n.t('Dangerous imports'), dangerous, true)} ${group(l10n.t('Unknown imports'), unknown, true)}
    ${group(l10n.t('Imports of known libraries'), known, false)}
  </section>`;
}

/** Says which opcode names an import, and where, so that it is found with pickletools. */
function placeText({ places }: PickleReport, name: string): Part {
  const place = places?.find((one) => one.import === name);
  if (!place) return nothing;
  const { opcode, offset, member } = place;
  const text =
    member === undefined
      ? l10n.t('{0} at byte {1}', opcode, countText(offset))
      : l10n.t('{0} at byte {1} of {2}', opcode, countText(offset), member);
  return html`<span class="count">${text}</span>`;
}

/** Frameworks whose files may have a tokenizer. */
const languageModels = /^(gguf|transformers|peft|sentence-transformers)$/;

function contents(found: ModelFacts, { path, comparable }: InspectView): TemplateResult {
  const values = (of: Record<string, Json>): Part =>
    facts(Object.entries(flattenParams(of)).map(([key, value]) => [key, cellText(value)] as const));
  const rest = found.tensorsTotal - found.tensors.length;
  return html`${section(
    'facts',
    l10n.t('Details'),
    facts([
      [l10n.t('Class'), found.modelClass],
      [l10n.t('Epoch'), found.epoch === null ? null : countText(found.epoch)],
      [l10n.t('Step'), found.step === null ? null : countText(found.step)],
      [
        l10n.t('Inputs'),
        found.signature?.inputs.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape.join(', ')}]`).join(', '),
      ],
      [
        l10n.t('Outputs'),
        found.signature?.outputs.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape.join(', ')}]`).join(', '),
      ],
      [l10n.t('Problems'), found.problems.map(({ message }) => message).join(' ')],
    ]),
  )}
  ${section(
    'tensors',
    l10n.t('Tensors'),
    found.tensors.length === 0
      ? nothing
      : html`<plinth-tensor-view .of=${found.tensors} .path=${path} .comparable=${comparable}></plinth-tensor-view>`,
    rest > 0
      ? html`<span class="count">${l10n.t('{0} of {1} are listed.', found.tensors.length, found.tensorsTotal)}</span>`
      : nothing,
  )}
  ${section('types', l10n.t('Types'), typeMix(found))}
  ${languageModels.test(found.framework) ? html`<plinth-tokenizer .path=${path}></plinth-tokenizer>` : nothing}
  ${section('metrics', l10n.t('Metrics'), values(found.metrics))}
  ${section('params', l10n.t('Parameters'), values(found.params))}
  ${section('metadata', l10n.t('Metadata'), values(found.metadata))}`;
}
