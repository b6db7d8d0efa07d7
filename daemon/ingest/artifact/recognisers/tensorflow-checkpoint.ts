import type { Folder, Recogniser, FileGroup } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { dataFiles, readVariables, variableFacts } from './tensor-shards.ts';
import { inspectionOfError } from './single-file.ts';

const indexName = /^([^.].*)\.index$/;

/**
 * Checkpoints of tf.train.Checkpoint and of Keras in TensorFlow's format: every prefix with an index and data files. The file
 * `checkpoint` names the newest and is part of none. They load only under their own names, so the artifact keeps its paths.
 */
export const tensorflowCheckpoint: Recogniser = {
  name: 'tensorflow-checkpoint',
  endings: [],
  findGroups: (folder) =>
    folder.name === 'variables' ? [] : prefixesIn(folder).flatMap((prefix) => groupsOf(folder, prefix)),
  inspect(group, open) {
    const prefix = group.primary.slice(0, -'.index'.length);
    try {
      const variables = readVariables(prefix, open);
      if (typeof variables === 'string') return { state: 'partial', reason: variables };
      return {
        state: 'whole',
        facts: modelFacts({
          framework: 'tensorflow',
          format: 'tensorflow checkpoint',
          ...variableFacts(variables),
          metadata: { prefix, dataFiles: variables.shards },
        }),
      };
    } catch (error) {
      return inspectionOfError(error);
    }
  },
};

function prefixesIn(folder: Folder): string[] {
  return [...folder.files].flatMap((name) => indexName.exec(name)?.[1] ?? []).toSorted();
}

/** Groups a prefix's files. `.meta` is the graph, which TensorFlow 1 saves with every checkpoint. */
function groupsOf(folder: Folder, prefix: string): FileGroup[] {
  const { files, missing } = dataFiles(folder.files, prefix);
  if (files.length === 0) return [];
  const graph = folder.files.has(`${prefix}.meta`) ? [`${prefix}.meta`] : [];
  const primary = `${prefix}.index`;
  const all = [primary, ...files, ...graph].toSorted();
  return [{ primary, files: all, wholeFolder: true, ...(missing === undefined ? {} : { missing }) }];
}
