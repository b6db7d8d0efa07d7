import type { ModelFacts, Problem } from '../../../protocol/artifact.ts';
import { classOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { FormatError } from '../../../formats/source.ts';
import type { Source } from '../../../formats/source.ts';
import { storagesIn, tensorOf } from '../../../formats/torch/torch-tensors.ts';
import { readTorch } from '../../../formats/torch/torch.ts';
import type { TorchFile } from '../../../formats/torch/torch.ts';
import type { Inspection } from '../recogniser.ts';
import { checkpointFacts } from './checkpoint.ts';
import { mainProblem, modelFacts, unreadable } from './facts.ts';
import { fastaiFacts } from './fastai.ts';
import { lightningFacts } from './lightning.ts';
import { exportFacts, scriptFacts } from './torch-archive.ts';
import { ultralyticsFacts } from './ultralytics.ts';
import { tensorsInModule } from './weights.ts';
import { inspectionOfError } from './single-file.ts';

/** Inspects a torch file. A zip is complete when its directory is there; the older format has no end marker. */
export function inspectTorch(source: Source, fileName: string): Inspection {
  try {
    const file = readTorch(source);
    const facts = factsOf(file, fileName);
    if (facts === undefined) return { state: 'foreign', reason: 'The torch file contains no model.' };
    const problems = [...facts.problems, ...problemsOf(file, facts)];
    return { state: file.kind === 'legacy' ? 'unmarked' : 'whole', facts: { ...facts, problems } };
  } catch (error) {
    return inspectionOfError(error);
  }
}

function factsOf(file: TorchFile, fileName: string): ModelFacts | undefined {
  const shared = { framework: 'pytorch', pickle: file.reading ?? null };
  if (file.kind === 'script') return modelFacts({ ...shared, format: 'torchscript', ...scriptFacts(file) });
  if (file.kind === 'export') return modelFacts({ ...shared, format: 'torch.export pt2', ...exportFacts(file) });
  const root = file.object?.root;
  const container = file.kind === 'legacy' ? 'torch legacy' : 'torch zip';
  const open = (key: string): Source | undefined => storageOf(file, key);
  const lightning = lightningFacts(root, open, fileName);
  if (lightning !== undefined) return modelFacts({ ...shared, format: `lightning ckpt (${container})`, ...lightning });
  const { shape, ...checkpoint } = checkpointFacts(root, open) ?? {};
  if (shape !== undefined) {
    return modelFacts({ ...shared, format: `${container} ${shape}`, ...checkpoint, ...ultralyticsFacts(root) });
  }
  return isObject(root) || file.object?.failure !== undefined ? wholeObject(root, container, shared) : undefined;
}

function wholeObject(
  root: PickleValue | undefined,
  container: string,
  shared: Pick<ModelFacts, 'framework' | 'pickle'>,
): ModelFacts {
  const modelClass = classOf(root)?.name.slice(0, 200) ?? null;
  const format = `${container} whole module`;
  return modelFacts({ ...shared, format, modelClass, tensors: tensorsInModule(root), ...fastaiFacts(root) });
}

/** True for a pickled module or learner. Tensors, datasets, optimizers and plain containers are no models. */
function isObject(root: PickleValue | undefined): boolean {
  const made = classOf(root);
  if (made === undefined || tensorOf(root) !== undefined) return false;
  return !/^(torch\.(utils|optim|_)|numpy|collections|builtins|__builtin__|torch$)/.test(made.module);
}

function storageOf(file: TorchFile, key: string): Source | undefined {
  try {
    return file.storage(key);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function problemsOf(file: TorchFile, facts: ModelFacts): Problem[] {
  const main = mainProblem(facts.pickle);
  const failure = file.object?.failure;
  const missing = file.kind === 'save' || file.kind === 'script' ? missingStorage(file) : undefined;
  return [
    ...(main === undefined ? [] : [main]),
    ...(failure === undefined ? [] : [unreadable(failure.message)]),
    ...(missing === undefined ? [] : [missing]),
  ];
}

/** Returns a problem if a storage that the pickle names is missing or too short; undefined otherwise. */
function missingStorage(file: TorchFile): Problem | undefined {
  const sizes = [...storagesIn(file.object?.root)];
  const lacking = sizes.filter(([key, size]) => (file.storageSize(key) ?? -1) < (size ?? 0));
  if (lacking.length === 0) return undefined;
  return {
    code: 'missing-storage',
    message: `${lacking.length} of ${sizes.length} storages are missing or too short.`,
  };
}
