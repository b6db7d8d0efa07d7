import { isObject, type Json } from '../../../protocol/json.ts';
import type { ModelFacts, PickleReport } from '../../../protocol/artifact.ts';
import { joinReadings } from '../../../formats/pickle/pickle-safety.ts';
import { isPlainlyNamed } from '../endings.ts';
import type { Inspection, OpenFile, Recogniser } from '../recogniser.ts';
import { filesBelow } from './list-files.ts';
import { modelFacts } from './facts.ts';
import { boundedMetadata } from './metadata.ts';
import { flavorVersion, frameworkOf, mainFlavor, maxMlmodel, pathsIn, readMlmodel, signatureIn } from './mlmodel.ts';

const primaryName = 'MLmodel';
const maxInspected = 20;
/** Folders of MLflow's flavours: MLmodel names the model's files and is not written last. `readers` read the files of a flavour. */
export function mlflow(readers: readonly Recogniser[]): Recogniser {
  return {
    name: 'mlflow',
    endings: [],
    findGroups: (folder) =>
      folder.files.has(primaryName) ? [{ primary: primaryName, files: filesBelow(folder), wholeFolder: true }] : [],
    inspect(group, open) {
      const source = open(primaryName);
      if (source !== undefined && source.size > maxMlmodel)
        return { state: 'foreign', reason: 'MLmodel is too large to read.' };
      const document = readMlmodel(source);
      const flavors = document?.['flavors'];
      if (document === undefined || !isObject(flavors) || Object.keys(flavors).length === 0)
        return { state: 'partial', reason: 'MLmodel names no flavours yet.' };
      const isThere = (path: string): boolean =>
        group.files.some((file) => file === path || file.startsWith(`${path}/`));
      const named = pathsIn(flavors);
      const lacking = named.find((path) => !isThere(path));
      if (lacking !== undefined) return { state: 'partial', reason: `${lacking}, which MLmodel names, is missing.` };
      const empty = named.find((path) => group.files.includes(path) && open(path)?.size === 0);
      if (empty !== undefined) return { state: 'partial', reason: `${empty}, which MLmodel names, is empty.` };
      return inspectParts(document, flavors, partsIn(group.files, readers), open);
    },
  };
}

function inspectParts(
  document: Record<string, Json>,
  flavors: Record<string, Json>,
  found: readonly Part[],
  open: OpenFile,
): Inspection {
  const parts: ModelFacts[] = [];
  for (const { path, reader } of found) {
    const part = reader.inspect({ primary: path, files: [path], wholeFolder: false }, open);
    if (part.state === 'partial') return { state: 'partial', reason: `${path}: ${part.reason}` };
    if ('facts' in part) parts.push(part.facts);
  }
  return { state: 'unmarked', facts: factsOf(document, flavors, parts) };
}

interface Part {
  path: string;
  reader: Recogniser;
}

/** Returns the files whose ending alone determines their format, with its recogniser. */
function partsIn(files: readonly string[], readers: readonly Recogniser[]): Part[] {
  const found = files.flatMap((path): Part[] => {
    const reader = readers.find(({ endings }) => isPlainlyNamed(endings, path));
    return reader === undefined ? [] : [{ path, reader }];
  });
  return found.slice(0, maxInspected);
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
