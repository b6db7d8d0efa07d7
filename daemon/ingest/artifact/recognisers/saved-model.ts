import { readSavedModel, type SavedModel } from '../../../formats/tensorflow/saved-model.ts';
import type { TensorBundle } from '../../../formats/tensorflow/tensor-bundle.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Folder, Inspection, OpenFile, Recogniser, FileGroup } from '../recogniser.ts';
import { filesBelow } from './list-files.ts';
import { modelFacts } from './facts.ts';
import { dataFiles, readVariables, variableFacts } from './tensor-shards.ts';
import { inspectionOfError } from './single-file.ts';

const primaryName = 'saved_model.pb';
const ownFiles = new Set([primaryName, 'fingerprint.pb', 'keras_metadata.pb']);
const ownFolders = ['variables', 'assets', 'assets.extra'];

/** Folders of tf.saved_model.save and Keras' export: a graph with its variables. `fingerprint.pb` is written last. */
export const savedModel: Recogniser = {
  name: 'saved-model',
  endings: [],
  findGroups: (folder) => (folder.files.has(primaryName) ? [groupOf(folder)] : []),
  inspect(group, open) {
    try {
      return inspectFolder(group, open);
    } catch (error) {
      return inspectionOfError(error);
    }
  },
};

function groupOf(folder: Folder): FileGroup {
  const below = ownFolders.flatMap((name) => {
    const child = folder.child(name);
    return child === undefined ? [] : filesBelow(child).map((file) => `${name}/${file}`);
  });
  const files = [...[...folder.files].filter((name) => ownFiles.has(name)), ...below].toSorted();
  const missing = missingIn(below);
  return { primary: primaryName, files, wholeFolder: true, ...(missing === undefined ? {} : { missing }) };
}

function missingIn(below: readonly string[]): string | undefined {
  const { files, missing } = dataFiles(below, 'variables/variables');
  const index = below.includes('variables/variables.index');
  if (files.length > 0 && !index) return 'variables/variables.index is missing.';
  return index ? missing : undefined;
}

function inspectFolder(group: FileGroup, open: OpenFile): Inspection {
  const source = open(primaryName);
  if (source === undefined) return { state: 'partial', reason: `${primaryName} cannot be read.` };
  const model = readSavedModel(source);
  const hasVariables = group.files.includes('variables/variables.index');
  const variables = hasVariables ? readVariables('variables/variables', open) : undefined;
  if (typeof variables === 'string') return { state: 'partial', reason: variables };
  const ended = (open('fingerprint.pb')?.size ?? 0) > 0 && group.files.includes('fingerprint.pb');
  return { state: ended ? 'whole' : 'unmarked', facts: factsOf(model, variables) };
}

function factsOf(model: SavedModel, variables: TensorBundle | undefined): ModelFacts {
  const { signatures, tags } = model;
  const calls = signatures.filter(({ name }) => name !== '__saved_model_init_op');
  const served = calls.find(({ name }) => name === 'serving_default') ?? calls[0];
  return modelFacts({
    framework: 'tensorflow',
    frameworkVersion: model.version,
    format: 'tensorflow SavedModel',
    signature: served === undefined ? null : { inputs: served.inputs, outputs: served.outputs },
    ...(variables === undefined ? {} : variableFacts(variables)),
    metadata: { tags, signatures: calls.map(({ name }) => name), method: served?.method ?? null },
  });
}
