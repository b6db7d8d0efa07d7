import { html, LitElement, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { isExternal, type Version } from '../../../daemon/protocol/model.ts';
import { loadCodeOf } from '../../../daemon/shared/load-code.ts';
import { modelUri, referenceTo } from '../../../daemon/shared/references.ts';
import { host } from '../../components/host.ts';
import { withoutDirection } from '../../components/text.ts';

export interface Snippet {
  name: string;
  code: string;
}

/** Returns the ways to load a version: with the Python package, with its own library, with MLflow, and on the command line. */
export function snippetsOf(version: Version): Snippet[] {
  const { model, number, framework } = version;
  const reference = referenceTo(model, number);
  const own = loadCodeOf(version);
  const path = `import plinth\npath = plinth.path(${JSON.stringify(reference)})\n`;
  return [
    { name: 'Python', code: `import plinth\nmodel = plinth.load(${JSON.stringify(reference)})\n` },
    ...(own === undefined || isExternal(version) ? [] : [{ name: framework, code: path + own }]),
    {
      name: 'MLflow',
      code: `import mlflow\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(modelUri(model, number))})\n`,
    },
    { name: l10n.t('Terminal'), code: `plinth path ${shellQuoted(reference)}\n` },
  ];
}

function shellQuoted(reference: string): string {
  return /^[\w@./:-]+$/.test(reference) ? reference : `'${reference.replaceAll("'", `'\\''`)}'`;
}

/** Shows the ways to load a version as tabs, with a button that copies. */
class LoadSnippets extends LitElement {
  static override properties = { of: { attribute: false }, chosen: { state: true } };
  declare of: readonly Snippet[];
  declare chosen: number;

  constructor() {
    super();
    this.of = [];
    this.chosen = 0;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const snippet = this.of[this.chosen] ?? this.of[0];
    const code = snippet?.code.trimEnd() ?? '';
    return html`<div class="snippet-tabs">
        <div role="tablist" aria-label=${l10n.t('Load')} @keydown=${(event: KeyboardEvent) => this.#move(event)}>
          ${this.of.map(
            ({ name }, index) =>
              html`<button
                role="tab"
                id=${`snippet-${index}`}
                aria-selected=${index === this.chosen}
                aria-controls="snippet"
                tabindex=${index === this.chosen ? 0 : -1}
                @click=${() => (this.chosen = index)}
              >
                ${name}
              </button>`,
          )}
        </div>
        <button class="link" @click=${() => host.post({ kind: 'copy', text: code })}>${l10n.t('Copy')}</button>
      </div>
      <pre id="snippet" role="tabpanel" tabindex="0" aria-labelledby=${`snippet-${this.chosen}`}>
${withoutDirection(code)}</pre>`;
  }

  #move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    this.chosen = (this.chosen + step + this.of.length) % this.of.length;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#snippet-${this.chosen}`)?.focus());
  }
}

customElements.define('plinth-load-snippets', LoadSnippets);
