import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport } from '../../../protocol/artifact.ts';
import { joinReadings } from '../../../formats/pickle/pickle-verdict.ts';
import type { Inspection, OpenFile, Recogniser } from '../recogniser.ts';
import { filesBelow } from './list-files.ts';
import { catboost } from './catboost.ts';
import { modelFacts } from './facts.ts';
import { isRecord } from './json-access.ts';
import { joblib } from './joblib.ts';
import { keras } from './keras.ts';
import { boundedMetadata } from './metadata.ts';
import { flavorVersion, frameworkOf, mainFlavor, MAX_MLMODEL, pathsIn, readMlmodel, signatureIn } from './mlmodel.ts';
import { onnx } from './onnx.ts';
import { pickle } from './pickle.ts';
import { skops } from './skops.ts';
import { torch } from './torch.ts';
import { xgboost } from './xgboost.ts';

const PRIMARY = 'MLmodel';
const MAX_INSPECTED = 20;
/** Who reads the files of a flavour. */
const READERS: readonly [RegExp, Recogniser][] = [
  [/\.(pkl|pickle)$/i, pickle],
  [/\.joblib$/i, joblib],
  [/\.(pth?|ckpt|pt2)$/i, torch],
  [/\.skops$/i, skops],
  [/\.(xgb|ubj)$/i, xgboost],
  [/\.(cbm?)$/i, catboost],
  [/\.(keras|h5)$/i, keras],
  [/\.onnx$/i, onnx],
];

/** Folders that MLflow's flavours save: MLmodel, which names the files of the model and is not the last to be written. */
export const mlflow: Recogniser = {
  name: 'mlflow',
  claims: (folder) =>
    folder.files.has(PRIMARY) ? [{ primary: PRIMARY, files: filesBelow(folder), wholeFolder: true }] : [],
  inspect(claim, open) {
    const source = open(PRIMARY);
    if (source !== undefined && source.size > MAX_MLMODEL)
      return { state: 'foreign', reason: 'MLmodel is too large to read.' };
    const document = readMlmodel(source);
    const flavors = document?.['flavors'];
    if (document === undefined || !isRecord(flavors) || Object.keys(flavors).length === 0)
      return { state: 'partial', reason: 'MLmodel names no flavours yet.' };
    const isThere = (path: string): boolean => claim.files.some((file) => file === path || file.startsWith(`${path}/`));
    const lacking = pathsIn(flavors).find((path) => !isThere(path));
    if (lacking !== undefined) return { state: 'partial', reason: `${lacking}, which MLmodel names, is missing.` };
    return inspectParts(document, flavors, claim.files, open);
  },
};

function inspectParts(
  document: Record<string, Json>,
  flavors: Record<string, Json>,
  files: readonly string[],
  open: OpenFile,
): Inspection {
  const parts: ModelFacts[] = [];
  for (const path of files.filter((file) => readerOf(file) !== undefined).slice(0, MAX_INSPECTED)) {
    const part = readerOf(path)?.inspect({ primary: path, files: [path], wholeFolder: false }, open);
    if (part?.state === 'partial') return { state: 'partial', reason: `${path}: ${part.reason}` };
    if (part !== undefined && 'facts' in part) parts.push(part.facts);
  }
  return { state: 'unmarked', facts: factsOf(document, flavors, parts) };
}

function readerOf(path: string): Recogniser | undefined {
  return READERS.find(([names]) => names.test(path))?.[1];
}

function factsOf(
  document: Record<string, Json>,
  flavors: Record<string, Json>,
  parts: readonly ModelFacts[],
): ModelFacts {
  const flavor = mainFlavor(flavors);
  const reports = parts.flatMap(({ pickle: report }): PickleReport[] => (report === null ? [] : [report]));
  const main = parts.find(({ modelClass, tensorsTotal }) => modelClass !== null || tensorsTotal > 0) ?? parts[0];
  const text = (key: string): Json => document[key] ?? null;
  return modelFacts({
    framework: frameworkOf(flavor),
    frameworkVersion: flavorVersion(flavors, flavor) ?? main?.frameworkVersion ?? null,
    format: `mlflow model (${flavor.slice(0, 100)})`,
    modelClass: main?.modelClass ?? null,
    parameterCount: main?.parameterCount ?? null,
    tensors: main?.tensors ?? [],
    tensorsTotal: main?.tensorsTotal ?? 0,
    pickle: joinReadings(reports) ?? null,
    signature: signatureIn(document) ?? main?.signature ?? null,
    params: main?.params ?? {},
    metrics: main?.metrics ?? {},
    problems: parts.flatMap(({ problems }) => problems).slice(0, 100),
    metadata: boundedMetadata({
      flavors: Object.keys(flavors).slice(0, 50),
      mlflowVersion: text('mlflow_version'),
      modelUuid: text('model_uuid'),
      runId: text('run_id'),
      created: text('utc_time_created'),
      metadata: text('metadata'),
    }),
  });
}
