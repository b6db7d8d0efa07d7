import type { Verdict } from '../../../protocol/policy.ts';
import { referenceTo } from '../../../shared/references.ts';
import { pointerText } from '../../../shared/event-text.ts';

/** A refusal as it is told: its sentence, and where gates fail each of them on a line of its own. */
export function refusalText(code: string, message: string, details: Record<string, unknown>): string {
  const verdict = code === 'gate-failed' ? (details['verdict'] as Verdict | undefined) : undefined;
  const failed = verdict?.gates.filter(({ outcome }) => outcome === 'failed') ?? [];
  if (!verdict || failed.length < 2) return message;
  const pointer = pointerText(verdict);
  const head = `cannot promote ${referenceTo(verdict.model, verdict.number)} to ${pointer}, ${failed.length} gates failed; nothing was changed`;
  return [head, ...failed.map(({ gate, detail }) => `  ✗ ${gate}  ${detail}`)].join('\n');
}
