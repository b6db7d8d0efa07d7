import type { Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { readGguf, type Gguf } from '../../../formats/gguf/gguf.ts';
import type { Folder, Recogniser, FileGroup } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { boundedMetadata } from './metadata.ts';
import { inspectionOfError, singleFiles } from './single-file.ts';

const endings = [{ ending: '.gguf', loadRank: 13 }];
const splitName = /^(.+)-\d{5}-of-(\d{5})\.gguf$/i;

/** GGUF files of llama.cpp and others. The parts that gguf-split makes of one model are one artifact. */
export const gguf: Recogniser = {
  name: 'gguf',
  endings,
  findGroups: (folder) => [
    ...singleFiles(folder, endings).filter(({ primary }) => !splitName.test(primary)),
    ...splitGroups(folder),
  ],
  inspect(group, open) {
    const parts: Gguf[] = [];
    try {
      for (const path of group.files) {
        const source = open(path);
        if (source === undefined) return { state: 'partial', reason: `${path} cannot be read.` };
        parts.push(readGguf(source));
      }
    } catch (error) {
      return inspectionOfError(error);
    }
    const facts = factsOf(parts);
    return { state: facts.tensorsTotal > 0 ? 'whole' : 'unmarked', facts };
  },
};

function splitGroups(folder: Folder): FileGroup[] {
  const names = [...folder.files].filter((name) => splitName.test(name) && !name.startsWith('.')).toSorted();
  const groups = Map.groupBy(names, (name) => `${splitName.exec(name)?.[1]} ${splitName.exec(name)?.[2]}`);
  return [...groups.values()].map((files) => {
    const total = Number(splitName.exec(files[0] as string)?.[2]);
    const lacking = total - files.length;
    const missing = lacking > 0 ? { missing: `${lacking} of ${total} parts are missing.` } : {};
    return { primary: files[0] as string, files, wholeFolder: false, ...missing };
  });
}

/** Returns the facts of a model. The first part has the keys; those of the architecture become params. */
function factsOf(parts: readonly Gguf[]): ModelFacts {
  const values = parts[0]?.values ?? new Map<string, Json>();
  const architecture = values.get('general.architecture');
  const name = typeof architecture === 'string' ? architecture.slice(0, 200) : null;
  const pairs = [...values].filter(([key]) => key !== '__proto__');
  const isParam = ([key]: [string, Json]): boolean => name !== null && key.startsWith(`${name}.`);
  return modelFacts({
    framework: 'gguf',
    format: `gguf v${parts[0]?.version}`,
    modelClass: name,
    tensors: parts.flatMap(({ tensors }) => tensors),
    params: Object.fromEntries(pairs.filter(isParam)),
    metadata: boundedMetadata(Object.fromEntries(pairs.filter((pair) => !isParam(pair)))),
  });
}
