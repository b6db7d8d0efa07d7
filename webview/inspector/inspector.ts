import { html, nothing, type TemplateResult } from 'lit';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import type { Json } from '../../daemon/protocol/json.ts';
import type { InspectView } from '../protocol.ts';
import { host } from '../shared/host.ts';
import { say } from '../shared/say.ts';
import { button, facts, section } from '../shared/section.ts';
import { pickleWords } from '../shared/pickle.ts';
import { tensorTable } from '../shared/tensors.ts';
import { cellText } from '../shared/text.ts';
import { splitReference } from '../../daemon/protocol/reference.ts';
import { sizeText } from '../../daemon/shared/format.ts';

type Part = TemplateResult | typeof nothing;

/** What a model file holds, read from its headers alone. */
export function inspectorPage({ path, size, facts: found, problem, known }: InspectView): TemplateResult {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const open = (reference: string) => () => {
    const { model, version = '' } = splitReference(reference);
    host.post({ kind: 'open', place: { page: 'version', model, version } });
  };
  const which =
    known === null
      ? button(say('Which version is this?'), () => host.post({ kind: 'identify', path }))
      : known.length === 0
        ? html`<span class="count">${say('No version has these bytes.')}</span>`
        : html`${say('This is')}
          ${known.map((reference) => html`<button class="link" @click=${open(reference)}>${reference}</button> `)}`;
  return html`<header>
      <h1>${name}</h1>
      <p class="verdict" role="status">
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
    say('Facts'),
    facts([
      [say('class'), found.modelClass],
      [say('parameters'), found.parameterCount === null ? null : found.parameterCount.toLocaleString()],
      [say('epoch'), found.epoch === null ? null : String(found.epoch)],
      [say('step'), found.step === null ? null : String(found.step)],
      [say('problems'), found.problems.map(({ message }) => message).join(' ')],
    ]),
  )}
  ${section('pickle', say('What loading it would do'), pickleWords(found))}
  ${section('metrics', say('Metrics'), values(found.metrics))}
  ${section('params', say('Parameters'), values(found.params))}
  ${section('metadata', say('Metadata'), values(found.metadata))}
  ${section('tensors', say('Tensors'), tensorTable(found))}`;
}
