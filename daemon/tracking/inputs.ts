import type { Context } from '../context.ts';
import { putRunDataset, putRunModel, type RunDataset } from '../db/tracking/inputs.ts';
import { redacted } from '../secrets/redact.ts';
import { checkLength } from './names.ts';
import { activeRun } from './runs.ts';
import { write } from './write.ts';

/** Tag with the purpose for which a data set was read. */
const contextTag = 'mlflow.data.context';

/** Records the data sets and logged models that a run read. */
export async function logInputs(
  ctx: Context,
  runId: string,
  inputs: { datasets: readonly RunDataset[]; models: readonly string[] },
): Promise<void> {
  inputs.datasets.forEach(checkDataset);
  const datasets = inputs.datasets.map(withoutSecrets);
  await write(ctx, () => {
    const run = activeRun(ctx, runId);
    for (const input of datasets) {
      const context = input.tags.find(({ key }) => key === contextTag)?.value ?? null;
      putRunDataset(ctx.db, run, input, context);
    }
    for (const model of inputs.models) putRunModel(ctx.db, run.id, 'input', model, 0);
  });
}

/** Removes secrets from a data set's source, which may be a URL with a password. */
function withoutSecrets(input: RunDataset): RunDataset {
  return { ...input, dataset: { ...input.dataset, source: redacted(input.dataset.source) } };
}

function checkDataset({ dataset, tags }: RunDataset): void {
  checkLength(dataset.name, 'name', 500);
  checkLength(dataset.digest, 'digest', 36);
  checkLength(dataset.source, 'source', 65_535);
  checkLength(dataset.schema ?? '', 'schema', 1_048_575);
  checkLength(dataset.profile ?? '', 'profile', 16_777_215);
  for (const { key, value } of tags) {
    checkLength(key, 'key', 255);
    checkLength(value, 'value', 500);
  }
}

/** Records the logged models that a run wrote. */
export async function logOutputs(
  ctx: Context,
  runId: string,
  models: readonly { model: string; step: number }[],
): Promise<void> {
  await write(ctx, () => {
    const run = activeRun(ctx, runId);
    for (const { model, step } of models) putRunModel(ctx.db, run.id, 'output', model, step);
  });
}
