import { FormatError, type Source } from '../../../formats/source.ts';
import { walkMessage } from '../../../formats/containers/protobuf.ts';
import { ByteWindow } from '../../../formats/window.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Inspection, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { inspectionOfError, singleFiles } from './single-file.ts';

const endings = [{ ending: '.mlmodel', loadRank: 12 }];
const maxFields = 1_000_000;
/** Kinds of models by their field in the message Model. Source: coremltools, mlmodel/format/Model.proto. */
const kinds: Readonly<Record<number, string>> = {
  200: 'pipeline classifier',
  201: 'pipeline regressor',
  202: 'pipeline',
  300: 'generalized linear regressor',
  301: 'support vector regressor',
  302: 'tree ensemble regressor',
  303: 'neural network regressor',
  400: 'generalized linear classifier',
  401: 'support vector classifier',
  402: 'tree ensemble classifier',
  403: 'neural network classifier',
  404: 'k nearest neighbors classifier',
  500: 'neural network',
  502: 'ml program',
};

/** Core ML's single `.mlmodel` files. */
export const coreml: Recogniser = {
  name: 'coreml',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect: ({ primary }, open) => inspectCoreml(primary, open(primary)),
};

/** Inspects a file that holds a Core ML message Model. */
export function inspectCoreml(name: string, source: Source | undefined): Inspection {
  try {
    return inspectModel(name, source);
  } catch (error) {
    return inspectionOfError(error);
  }
}

function inspectModel(name: string, source: Source | undefined): Inspection {
  if (source === undefined || source.size === 0)
    return { state: 'partial', reason: `${name} is empty or cannot be read.` };
  const facts = readModel(source);
  return facts ? { state: 'unmarked', facts } : { state: 'foreign', reason: 'It is not a model of Core ML.' };
}

/** Reads a Model message: the specification's version, then the description, then one field for the kind. Undefined if it is none. */
function readModel(source: Source): ModelFacts | undefined {
  const bytes = new ByteWindow(source, 4096);
  let version: number | null = null;
  let kind: string | undefined;
  let count = 0;
  walkMessage(bytes, 0, source.size, (number, wire, start) => {
    if ((count += 1) > maxFields) throw new FormatError('unsupported', 'The model has too many fields.');
    if (number === 1 && wire === 0) version = start;
    if (number >= 200) kind ??= kinds[number] ?? 'other';
  });
  if (version === null || kind === undefined) return undefined;
  const metadata = { read: 'by header only', specification: version };
  return modelFacts({ framework: 'coreml', format: 'coreml', modelClass: kind, metadata });
}
