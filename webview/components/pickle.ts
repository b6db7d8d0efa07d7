import { html, nothing, type TemplateResult } from 'lit';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import { pickleSentence } from '../../daemon/shared/pickle-text.ts';

/** Says in words what loading the pickle would do. */
export function pickleWords({ pickle: found }: ModelFacts): TemplateResult | typeof nothing {
  if (!found) return nothing;
  const bad = found.verdict === 'runs code' || found.verdict === 'unreadable';
  return html`<p class=${bad ? 'worse' : ''}>${bad ? '▼ ' : ''}${pickleSentence(found)}</p>
    <ul>
      ${found.imports.slice(0, 200).map((name) => html`<li><code>${name}</code></li>`)}
    </ul>`;
}
