import { html, nothing, type TemplateResult } from 'lit';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import { say } from './say.ts';

/** What loading it would do, in words. */
export function pickleWords({ pickle: found }: ModelFacts): TemplateResult | typeof nothing {
  if (!found) return nothing;
  const words = {
    'no code': say('This pickle holds data only.'),
    'known imports only': say('This pickle names only classes of known libraries.'),
    'runs code': say('Loading this pickle runs code of its own: load it only if you trust who made it.'),
    unreadable: say('This pickle cannot be read: what loading it would do is not known.'),
  };
  const bad = found.verdict === 'runs code' || found.verdict === 'unreadable';
  return html`<p class=${bad ? 'worse' : ''}>${bad ? '▼ ' : ''}${words[found.verdict]}</p>
    <ul>
      ${found.imports.slice(0, 200).map((name) => html`<li><code>${name}</code></li>`)}
    </ul>`;
}
