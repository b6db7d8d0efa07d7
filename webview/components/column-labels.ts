/** Returns short names for the columns of a comparison: `v7` if all are versions of one model, else `churn v7`; of a run its folder. */
export function columnLabels(
  columns: readonly { reference: string; model: string | null; number: number | null; run: string | null }[],
): string[] {
  const models = new Set(columns.flatMap(({ model }) => model ?? []));
  return columns.map(({ reference, model, number, run }) => {
    if (number !== null) return models.size > 1 ? `${model} v${number}` : `v${number}`;
    return run?.split(/[/\\]/).findLast((part) => part !== '') ?? reference;
  });
}
