import type { Comparison } from '../../../protocol/comparison.ts';
import type { TensorNorms } from '../../../protocol/tensors.ts';
import type { DiffRow } from './diff-cells.ts';
import type { DiffSection } from './diff-sections.ts';
import { withProgress } from '../terminal/progress.ts';
import type { Session } from '../session.ts';
import { sizeText } from '../../../shared/format.ts';

/** Measures how far the tensors of each candidate moved from the baseline's, with a progress bar on a terminal. */
export async function readNorms(session: Session, { columns }: Comparison): Promise<(TensorNorms | null)[]> {
  const [baseline, ...candidates] = columns;
  const replies: (TensorNorms | null)[] = [];
  for (const { reference, kind } of candidates) {
    if (kind === 'run' || baseline?.kind !== 'version') {
      replies.push(null);
      continue;
    }
    const job = `cli ${process.pid} ${reference}`;
    const request = { baseline: baseline.reference, candidate: reference, norms: true, job };
    const send = (): Promise<TensorNorms> => session.call('POST /tensors/compare', request);
    replies.push(await withProgress(session, 'reading tensors', (subject) => subject === job, send));
  }
  return replies;
}

/** Returns a section with the change of each layer, ‖b − a‖ ÷ ‖a‖ in percent. */
export function normSection(norms: readonly (TensorNorms | null)[], all: boolean): DiffSection {
  const names = [...new Set(norms.flatMap((one) => one?.layers.map(({ layer }) => layer) ?? []))];
  const rows = names.map((name): DiffRow => {
    const moved = norms.map((one) => one?.layers.find(({ layer }) => layer === name));
    const values = [null, ...moved.map((layer) => (layer ? percentText(layer.relative) : null))];
    const differs = moved.some((layer) => (layer?.norm ?? 0) > 0);
    const none = values.map(() => null);
    const changes = [null, ...moved.map((layer) => (layer ? (layer.norm > 0 ? 'moved' : '=') : null))];
    return { name, values, deltas: none, better: none, direction: null, differs, changes };
  });
  const why = norms.flatMap((one) => one?.tensors.flatMap((tensor) => (tensor.why === null ? [] : [tensor.why])) ?? []);
  const missing = [...new Set([...norms.flatMap((one) => one?.missing ?? []), ...why])];
  const bytes = norms.reduce((sum, one) => sum + (one?.bytes ?? 0), 0);
  const note = [`${sizeText(bytes)} of tensor data read`, ...missing].join('; ');
  const shown = rows.filter((row) => all || row.differs);
  return { title: 'change by layer', rows: shown.length > 0 ? shown : [nothingMoved(norms)], note };
}

function nothingMoved(norms: readonly (TensorNorms | null)[]): DiffRow {
  const values = [null, ...norms.map((one) => (one && one.layers.length > 0 ? '0 %' : null))];
  const none = values.map(() => null);
  return { name: 'all layers', values, deltas: none, better: none, direction: null, differs: false };
}

function percentText(relative: number | null): string {
  return relative === null ? 'from all zero' : `${Number((100 * relative).toPrecision(3))} %`;
}
