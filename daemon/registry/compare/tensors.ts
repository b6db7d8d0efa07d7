import type { Tensor } from '../../protocol/artifact.ts';
import type { TensorChange, TensorRow, TensorSection } from '../../protocol/comparison.ts';
import type { Column } from './column.ts';

const maxRows = 2000;

type Listed = Pick<Tensor, 'dtype' | 'shape'>;

/** A column's tensors by name. `cut`: the facts do not list all of them. */
interface Tensors {
  byName: Map<string, Listed>;
  cut: boolean;
}

/** Lists tensors that were added, removed, reshaped or retyped from the baseline, by the artifacts' headers. */
export function tensorSection(columns: readonly Column[]): TensorSection {
  const lists = columns.map(({ artifact }): Tensors | null => {
    if (!artifact || artifact.tensors.length === 0) return null;
    const byName = new Map(artifact.tensors.map((tensor) => [tensor.name, tensor]));
    return { byName, cut: artifact.tensorsTotal > artifact.tensors.length };
  });
  const names = new Set(lists.flatMap((list) => [...(list?.byName.keys() ?? [])]));
  const rows: TensorRow[] = [];
  let equal = 0;
  let differing = 0;
  for (const name of names) {
    const row = rowOf(name, lists);
    if (!row.differs) equal += 1;
    else if ((differing += 1) <= maxRows) rows.push(row);
  }
  return { rows, differing, equal };
}

function rowOf(name: string, lists: readonly (Tensors | null)[]): TensorRow {
  const found = lists.map((list) => list?.byName.get(name));
  const before = found[0];
  const changes = lists.map((list, index): TensorChange | null => {
    const baseline = lists[0];
    if (index === 0 || !list || !baseline) return null;
    const unsure = before ? list.cut : baseline.cut;
    return unsure && (!before || !found[index]) ? null : tensorChange(before, found[index]);
  });
  return {
    name,
    values: found.map((tensor) => (tensor ? tensorText(tensor) : null)),
    deltas: found.map(() => null),
    better: found.map(() => null),
    direction: null,
    differs: changes.some((change) => change !== null),
    changes,
  };
}

/** Returns the change of a tensor; null if type and shape are equal. Another shape takes precedence over another type. */
export function tensorChange(before: Listed | undefined, after: Listed | undefined): TensorChange | null {
  if (!before) return after ? 'added' : null;
  if (!after) return 'removed';
  if (before.shape.length !== after.shape.length || before.shape.some((size, at) => size !== after.shape[at]))
    return 'reshaped';
  return shortType(before.dtype) === shortType(after.dtype) ? null : 'retyped';
}

/** Returns a format-independent name of a type: `f32` for `float32` and `float`. */
function shortType(dtype: string): string {
  const plain = dtype
    .replace(/^double$/, 'float64')
    .replace(/^float$/, 'float32')
    .replace(/^bfloat/, 'bf');
  return plain.replace(/^(f|u?)(?:loat|int)(\d+)$/, (_, kind: string, bits: string) => `${kind || 'i'}${bits}`);
}

/** Formats a tensor: `f32 [768, 768]`. */
export function tensorText({ dtype, shape }: Listed): string {
  return `${dtype} [${shape.join(', ')}]`;
}
