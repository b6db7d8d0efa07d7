import { html, type nothing, type TemplateResult } from 'lit';
import type { GateResult } from '../../daemon/protocol/policy.ts';
import * as l10n from '@vscode/l10n';
import { plainTable } from './section.ts';

/** Shows what each gate required and found, never by colour alone. */
export function gateTable(label: string, gates: readonly GateResult[]): TemplateResult | typeof nothing {
  const words = {
    passed: html`<span class="better">✓ ${l10n.t('passed')}</span>`,
    failed: html`<span class="worse">✗ ${l10n.t('failed')}</span>`,
    skipped: html`– ${l10n.t('skipped')}`,
  };
  const head = [l10n.t('Gate'), l10n.t('Outcome'), l10n.t('Expected'), l10n.t('Actual'), l10n.t('Details')];
  const rows = gates.map(({ gate, outcome, expected, actual, detail }) => [
    gate,
    words[outcome],
    expected ?? '',
    actual ?? '',
    detail,
  ]);
  return plainTable(label, head, rows);
}
