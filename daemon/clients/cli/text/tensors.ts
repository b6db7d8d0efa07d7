import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Screen } from '../terminal/screen.ts';
import { table } from '../terminal/table.ts';
import { countText, sizeText } from '../../../shared/format.ts';

const maxShown = 20;

/** Returns lines with the number of tensors by type, and the first tensors. */
export function tensorLines(
  screen: Pick<Screen, 'width' | 'style'>,
  facts: Pick<ModelFacts, 'tensors' | 'tensorsTotal'>,
): string[] {
  const { tensors, tensorsTotal } = facts;
  if (tensors.length === 0) return [];
  const types = new Map<string, number>();
  for (const { dtype } of tensors) types.set(dtype, (types.get(dtype) ?? 0) + 1);
  const summary = `${countText(tensorsTotal)} tensors: ${[...types].map(([dtype, count]) => `${count} ${dtype}`).join(', ')}`;
  const columns = [
    { title: 'name', least: 12 },
    { title: 'type' },
    { title: 'shape', least: 8 },
    { title: 'size', align: 'right' as const },
  ];
  const rows = tensors
    .slice(0, maxShown)
    .map((tensor) => [
      tensor.name,
      tensor.dtype,
      tensor.shape.length === 0 ? 'scalar' : tensor.shape.join(' × '),
      tensor.bytes === null ? '–' : sizeText(tensor.bytes),
    ]);
  const width = screen.width === undefined ? undefined : screen.width - 2;
  const more =
    tensorsTotal > rows.length ? [`… and ${countText(tensorsTotal - rows.length)} more; all with --json`] : [];
  return [summary, ...table({ width, style: screen.style }, columns, rows), ...more];
}
