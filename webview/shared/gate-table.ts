import { html, type nothing, type TemplateResult } from 'lit';
import type { Pointer } from '../../daemon/protocol/model.ts';
import type { GateResult } from '../../daemon/protocol/rules.ts';
import { say } from './say.ts';
import { plainTable } from './section.ts';

/** `production`, `@champion` */
export function labelOf({ kind, name }: Pick<Pointer, 'kind' | 'name'>): string {
  return `${kind === 'alias' ? '@' : ''}${name}`;
}

/** What each gate wanted and found; never by colour alone. */
export function gateTable(label: string, gates: readonly GateResult[]): TemplateResult | typeof nothing {
  const words = {
    passed: html`<span class="better">✓ ${say('passed')}</span>`,
    failed: html`<span class="worse">✗ ${say('failed')}</span>`,
    skipped: html`– ${say('skipped')}`,
  };
  const head = [say('gate'), say('outcome'), say('expected'), say('actual'), say('what')];
  const rows = gates.map(({ gate, outcome, expected, actual, detail }) => [
    gate,
    words[outcome],
    expected ?? '',
    actual ?? '',
    detail,
  ]);
  return plainTable(label, head, rows);
}
