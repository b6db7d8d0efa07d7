import type { GateResult, GateReport } from '../../../protocol/policy.ts';
import { pointerText } from '../../../shared/event-text.ts';

/** Formats gate reports on one line each. Pure. */

const maxNamed = 3;

/** Formats a report: `production: 6 of 7 gates pass · fails: auc ≥ 0.9`. */
export function gateReportText({ kind, name, gates }: Pick<GateReport, 'kind' | 'name' | 'gates'>): string {
  const pointer = pointerText({ kind, name });
  const counted = gates.filter(({ outcome }) => outcome !== 'skipped');
  const failed = gates.filter(({ outcome }) => outcome === 'failed');
  const gatesOf = counted.length === 1 ? 'gate' : 'gates';
  if (failed.length === 0) {
    const all = counted.length === 1 ? 'the gate passes' : `all ${counted.length} gates pass`;
    return `${pointer}: ${counted.length === 0 ? 'no gate applies' : all}`;
  }
  const named = failed.slice(0, maxNamed).map(failureText);
  const more = failed.length > maxNamed ? ` and ${failed.length - maxNamed} more` : '';
  const passing = counted.length - failed.length;
  return `${pointer}: ${passing} of ${counted.length} ${gatesOf} ${passing === 1 ? 'passes' : 'pass'} · fails: ${named.join(', ')}${more}`;
}

/** Formats a failed gate: `auc ≥ 0.9`, `no_regression accuracy`, `approvals`. */
function failureText({ gate, expected }: GateResult): string {
  const isMetric = gate.startsWith('metric ');
  if (!isMetric || expected === undefined) return isMetric ? gate.slice('metric '.length) : gate;
  const bound = expected.replaceAll(/\bat least /g, '≥ ').replaceAll(/\bat most /g, '≤ ');
  return `${gate.slice('metric '.length)} ${bound}`;
}
