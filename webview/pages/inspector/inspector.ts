import { html, nothing, type TemplateResult } from 'lit';
import type { ModelFacts } from '../../../daemon/protocol/artifact.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import type { InspectView } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { button, facts, section } from '../../components/section.ts';
import { pickleWords } from '../../components/pickle.ts';
import { tensorTable } from '../../components/tensors.ts';
import { cellText } from '../../components/text.ts';
import { splitReference } from '../../../daemon/shared/references.ts';
import { sizeText } from '../../../daemon/shared/format.ts';

type Part = TemplateResult | typeof nothing;

/** Shows what the headers of a model file say. */
export function inspectorPage({ path, size, facts: found, problem, known }: InspectView): TemplateResult {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const open = (reference: string) => () => {
    const { model, version = '' } = splitReference(reference);
    host.post({ kind: 'open', place: { page: 'version', model, version } });
  };
  const which =
    known === null
      ? button(l10n.t('Find Registered Version'), () => host.post({ kind: 'identify', path }))
      : known.length === 0
        ? html`<span class="count">${l10n.t('Not registered.')}</span>`
        : html`${l10n.t('Registered as')}
          ${known.map((reference) => html`<button class="link" @click=${open(reference)}>${reference}</button> `)}`;
  return html`<header>
      <h1>${name}</h1>
      <p class="summary" role="status">
        ${problem ?? [found?.framework, found?.frameworkVersion, found?.format].filter((part) => part).join(' · ')} ·
        ${sizeText(size)}
      </p>
      <div class="acts">${which}</div>
    </header>
    <main>${found ? contents(found) : nothing}</main>`;
}

function contents(found: ModelFacts): TemplateResult {
  const values = (of: Record<string, Json>): Part =>
    facts(Object.entries(of).map(([key, value]) => [key, cellText(value)] as const));
  return html`${section(
    'facts',
    l10n.t('Details'),
    facts([
      [l10n.t('Class'), found.modelClass],
      [l10n.t('Parameters'), found.parameterCount === null ? null : found.parameterCount.toLocaleString()],
      [l10n.t('Epoch'), found.epoch === null ? null : String(found.epoch)],
      [l10n.t('Step'), found.step === null ? null : String(found.step)],
      [l10n.t('Problems'), found.problems.map(({ message }) => message).join(' ')],
    ]),
  )}
  ${section('pickle', l10n.t('Pickle safety'), pickleWords(found))}
  ${section('metrics', l10n.t('Metrics'), values(found.metrics))}
  ${section('params', l10n.t('Parameters'), values(found.params))}
  ${section('metadata', l10n.t('Metadata'), values(found.metadata))}
  ${section('tensors', l10n.t('Tensors'), tensorTable(found))}`;
}
