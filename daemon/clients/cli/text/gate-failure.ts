import type { GateReport } from '../../../protocol/policy.ts';
import { referenceTo } from '../../../shared/references.ts';
import { pointerText } from '../../../shared/event-text.ts';

/** Formats a refusal: its sentence, and each failed gate on a line of its own if there are several. */
export function refusalText(code: string, message: string, details: Record<string, unknown>): string {
  const report = code === 'gate-failed' ? (details['verdict'] as GateReport | undefined) : undefined;
  const failed = report?.gates.filter(({ outcome }) => outcome === 'failed') ?? [];
  if (!report || failed.length < 2) return message;
  const pointer = pointerText(report);
  const head = `Cannot promote ${referenceTo(report.model, report.number)} to ${pointer}, ${failed.length} gates failed. Nothing was changed:`;
  return [head, ...failed.map(({ gate, detail }) => `  ✗ ${gate}  ${detail}`)].join('\n');
}
