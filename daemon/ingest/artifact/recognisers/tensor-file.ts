import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { readSafetensors } from '../../../formats/tensors/safetensors.ts';
import type { Safetensors } from '../../../formats/tensors/safetensors.ts';
import type { Inspection, OpenFile } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectionOfError } from './single-file.ts';

/** An inspection that found no model, or not all of one. */
export type Stopped = Exclude<Inspection, { facts: ModelFacts }>;

/** Inspects the safetensors files of an artifact together. */
export function inspectSafetensors(paths: readonly string[], open: OpenFile): Inspection {
  const parts: Safetensors[] = [];
  for (const path of paths) {
    const part = readPart(path, open);
    if ('state' in part) return part;
    parts.push(part);
  }
  return { state: 'whole', facts: factsOf(parts) };
}

/** Reads one file of an artifact, or returns why the artifact is incomplete. */
export function readPart(path: string, open: OpenFile): Safetensors | Stopped {
  const source = open(path);
  if (source === undefined) return { state: 'partial', reason: `${path} cannot be read.` };
  try {
    return readSafetensors(source);
  } catch (error) {
    return inspectionOfError(error);
  }
}

function factsOf(parts: readonly Safetensors[]): ModelFacts {
  const metadata = parts.flatMap((part) => [...part.metadata]);
  const numbers = metadata.filter(
    ([key, text]) => isMetric(key) && text.trim() !== '' && Number.isFinite(Number(text)),
  );
  const epoch = Number(new Map(metadata).get('epoch') ?? Number.NaN);
  const step = Number(new Map(metadata).get('step') ?? new Map(metadata).get('global_step') ?? Number.NaN);
  return modelFacts({
    framework: 'safetensors',
    format: parts.length > 1 ? 'safetensors shards' : 'safetensors',
    tensors: parts.flatMap((part) => part.tensors),
    epoch: Number.isSafeInteger(epoch) ? epoch : null,
    step: Number.isSafeInteger(step) ? step : null,
    metrics: Object.fromEntries(numbers.map(([key, text]) => [key, Number(text)])),
    metadata: Object.fromEntries(metadata.map(([key, text]): [string, Json] => [key, text.slice(0, 4000)])),
  });
}

/** True for a key of `__metadata__` (text to text) that is named like a metric. */
function isMetric(key: string): boolean {
  return /(^|[_/.])(loss|acc|accuracy|auc|f1|score|error|mae|mse|rmse|r2|precision|recall|perplexity|val|test|eval)($|[_/.])/i.test(
    key,
  );
}
