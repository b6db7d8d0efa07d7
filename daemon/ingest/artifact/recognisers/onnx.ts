import { containedPath } from '../../../formats/onnx/external-path.ts';
import { readOnnx, type OnnxModel } from '../../../formats/onnx/onnx.ts';
import type { ModelFacts, Problem } from '../../../protocol/artifact.ts';
import type { Folder, Inspection, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { boundedMetadata } from './metadata.ts';
import { numbersAndSettings } from './onnx-properties.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.onnx', loadRank: 12 }];

/** ONNX models, with the files that hold their weights. */
export const onnx: Recogniser = {
  name: 'onnx',
  endings,
  findGroups: (folder) => singleFiles(folder, endings).map(({ primary }) => groupOf(folder, primary)),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => inspectModel(readOnnx(source), open));
  },
};

/** Groups a model with `model.onnx.data` (torch), `model.onnx_data` and `model.onnx_data_1` (Optimum). */
function groupOf(folder: Folder, name: string): FileGroup {
  const companions = [...folder.files].filter(
    (file) => file.startsWith(name) && /^[._]data(_\d+)?$/i.test(file.slice(name.length)),
  );
  return { primary: name, files: [name, ...companions].sort(), wholeFolder: false };
}

function inspectModel(model: OnnxModel, open: OpenFile): Inspection {
  const outside = [...model.external.keys()].filter((location) => containedPath(location) === undefined);
  const problems = outside.map((location) =>
    problem('external-data-outside', `Tensors are outside of the model's folder, in ${quote(location)}.`),
  );
  const needs = [...model.external].flatMap(([location, bytes]): [string, number][] => {
    const path = containedPath(location);
    return path === undefined ? [] : [[path, bytes]];
  });
  const named = needs.map(([path]) => path);
  for (const [path, bytes] of needs) {
    const reason = lackOf(path, bytes, open(path)?.size);
    if (reason !== undefined) return { state: 'partial', reason, named };
  }
  return { state: 'unmarked', facts: factsOf(model, problems.slice(0, 100)), named };
}

function lackOf(path: string, bytes: number, size: number | undefined): string | undefined {
  if (size === undefined) return `${quote(path)}, which contains tensors, is missing.`;
  if (size === 0) return `${quote(path)}, which contains tensors, is empty.`;
  return size < bytes ? `${quote(path)} has ${size} of the ${bytes} bytes that its tensors need.` : undefined;
}

function problem(code: string, message: string): Problem {
  return { code, message };
}

function quote(location: string): string {
  return JSON.stringify(location.slice(0, 200));
}

function factsOf(model: OnnxModel, problems: Problem[]): ModelFacts {
  const { irVersion, graphName, nodes } = model;
  const opset = model.opsets.get('') ?? model.opsets.get('ai.onnx');
  return modelFacts({
    framework: 'onnx',
    frameworkVersion: opset === undefined ? null : `opset ${opset}`,
    format: 'onnx',
    parameterCount: Number.isSafeInteger(model.parameterCount) ? model.parameterCount : null,
    tensors: model.initializers.map(({ name, shape, dtype, bytes }) => ({ name, shape, dtype, bytes })),
    tensorsTotal: model.initializerCount,
    signature: { inputs: model.inputs, outputs: model.outputs },
    metadata: boundedMetadata({
      producer: producerOf(model),
      irVersion,
      opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
      graph: graphName,
      nodes,
      external: [...model.external.keys()].slice(0, 100),
      properties: boundedMetadata(Object.fromEntries(model.metadata)),
    }),
    ...numbersAndSettings(model.metadata),
    problems,
  });
}

/** Returns the exporting program and its version on one line; null for none. */
function producerOf({ producer, producerVersion }: OnnxModel): string | null {
  const text = [producer, producerVersion].filter((part) => part !== null && part.trim() !== '').join(' ');
  return text === '' ? null : text.replaceAll(/\s+/g, ' ').trim();
}
