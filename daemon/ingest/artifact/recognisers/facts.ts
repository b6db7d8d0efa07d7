import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport, Problem, Tensor } from '../../../protocol/artifact.ts';

const maxTensors = 10_000;
const maxMetadata = 16 * 1024;
const maxParams = 64 * 1024;
const maxMetrics = 500;
/** State that layers keep besides the learned parameters. */
const buffer = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/** Completes given facts with unknown values, and cuts them to the sizes that the protocol allows. */
export function modelFacts(given: Partial<ModelFacts> & Pick<ModelFacts, 'framework' | 'format'>): ModelFacts {
  const tensors = given.tensors ?? [];
  return {
    frameworkVersion: null,
    modelClass: null,
    parameterCount: tensors.length > 0 ? countParameters(tensors) : null,
    tensorsTotal: tensors.length,
    pickle: null,
    signature: null,
    epoch: null,
    step: null,
    problems: [],
    ...given,
    tensors: tensors.slice(0, maxTensors),
    params: cutToSize(given.params ?? {}, maxParams),
    metrics: Object.fromEntries(Object.entries(given.metrics ?? {}).slice(0, maxMetrics)),
    metadata: cutToSize(given.metadata ?? {}, maxMetadata),
  };
}

/** Counts the elements of all tensors except running statistics of normalisation layers. */
export function countParameters(tensors: readonly Tensor[]): number {
  const learned = tensors.filter(({ name }) => !buffer.test(name));
  return learned.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Returns a problem if a pickle needs classes of the script that wrote it; undefined otherwise. */
export function mainProblem(report: PickleReport | null): Problem | undefined {
  const name = report?.imports.find((global) => global.startsWith('__main__.'));
  if (name === undefined) return undefined;
  return {
    code: 'imports-main',
    message: `It needs ${name.slice(0, 200)} of the script that wrote it, which cannot be imported elsewhere.`,
  };
}

/** Returns the problem of a pickle that cannot be read to its end. */
export function unreadable(reason: string): Problem {
  return { code: 'unreadable-pickle', message: `The pickle cannot be read: ${reason}` };
}

/** Returns the entries that fit into `bytes` of JSON, smallest first, in their original order. */
function cutToSize(entries: Record<string, Json>, bytes: number): Record<string, Json> {
  const sized = Object.entries(entries).map(([key, value]) => ({ key, size: JSON.stringify([key, value]).length }));
  let left = bytes - 2;
  const kept = new Set<string>();
  for (const { key, size } of sized.toSorted((a, b) => a.size - b.size)) {
    left -= size;
    if (left < 0) break;
    kept.add(key);
  }
  return Object.fromEntries(Object.entries(entries).filter(([key]) => kept.has(key)));
}
