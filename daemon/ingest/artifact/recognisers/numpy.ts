import type { ModelFacts, PickleReport } from '../../../protocol/artifact.ts';
import { readNpy, readNpz, type NpyArray, type NpzArchive } from '../../../formats/tensors/npy.ts';
import { judge, joinReadings, type PickleReading } from '../../../formats/pickle/pickle-safety.ts';
import { scanPickle } from '../../../formats/pickle/pickle.ts';
import type { Source } from '../../../formats/source.ts';
import { openEntry } from '../../../formats/containers/zip.ts';
import type { FileEnding, Inspection, Recogniser } from '../recogniser.ts';
import { mainProblem, modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const maxObject = 16 * 1024 * 1024;
const maxObjects = 20;

/** Names of data sets and evaluation results, whose arrays are no models. */
const dataWord =
  /^(x|y|xs|ys|train|training|test|val|valid|validation|dev|data|dataset|datasets|raw|processed|interim|features?|embeddings?|labels?|targets?|images?|samples?|indices|index|idx|splits?|corpus|tokens|predictions?|preds?|probs|logits|results?|evaluations?|metrics|history|mnist|cifar\d*|imagenet|imdb|coco)$/i;
const dataFolder = /^(data|datasets?|raw|processed|interim|external|features?|embeddings?|labels?|corpus)$/i;
const modelWord = /^(model|weights?|coefs?|coefficients?|params?|parameters?|state|checkpoint|ckpt)\d*$/i;
/** Members of an archive by scipy.sparse.save_npz. */
const sparseMembers = ['indices', 'indptr', 'shape'];

const endings: readonly FileEnding[] = [
  {
    ending: '.npy',
    loadRank: 13,
    mayBeModel: (name) => hasWord(stemOf(name), modelWord) && !hasWord(stemOf(name), dataWord),
  },
  {
    ending: '.npz',
    loadRank: 13,
    mayBeModel: (name, folder) =>
      hasWord(stemOf(name), modelWord) || !(hasWord(stemOf(name), dataWord) || hasWord(folder, dataFolder)),
  },
];

/**
 * Arrays as which a script saves its model. `.npy` is data unless its name indicates a model; `.npz` is a model unless something
 * indicates data.
 */
export const numpy: Recogniser = {
  name: 'numpy',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) =>
      /y$/i.test(group.primary) ? inspectNpy(source) : inspectNpz(source),
    );
  },
};

function stemOf(name: string): string {
  return name.slice(0, -'.npy'.length);
}

function hasWord(name: string, word: RegExp): boolean {
  return name.split(/[-_. ]+/).some((part) => word.test(part));
}

function inspectNpy(source: Source): Inspection {
  const array = readNpy(source);
  if (array.dtype !== 'object') {
    const state = array.bytes === null ? 'unmarked' : 'whole';
    return { state, facts: factsOf([array], 1, 'npy', null) };
  }
  const scan = scanPickle(source, 'python', array.dataOffset);
  if (scan.failure?.kind === 'truncated') return { state: 'partial', reason: 'The pickle has no STOP yet.' };
  return { state: 'unmarked', facts: factsOf([array], 1, 'npy', joinReadings([judge(scan)]) ?? null) };
}

function inspectNpz(source: Source): Inspection {
  const { arrays, total } = readNpz(source);
  const names = new Set(arrays.map(({ name }) => name));
  if (sparseMembers.every((name) => names.has(name)))
    return { state: 'foreign', reason: 'The archive contains a sparse matrix and no model.' };
  if ([...names].every((name) => hasWord(name, dataWord)))
    return { state: 'foreign', reason: 'The arrays have the names of a data set.' };
  const scans = arrays
    .filter(({ dtype }) => dtype === 'object')
    .slice(0, maxObjects)
    .map((array) => readingOf(source, array));
  return { state: 'whole', facts: factsOf(arrays, total, 'npz', joinReadings(scans) ?? null) };
}

/** Scans an array of objects, which is a pickle after the header. One that is too large to decompress is reported as unreadable. */
function readingOf(source: Source, { entry, dataOffset }: NpzArchive['arrays'][number]): PickleReading {
  if (entry.method !== 0 && entry.size > maxObject) return { verdict: 'unreadable', imports: [] };
  const member = openEntry(source, entry, maxObject);
  return judge(scanPickle(member, 'python', dataOffset), entry.name);
}

function factsOf(
  arrays: readonly NpyArray[],
  tensorsTotal: number,
  format: string,
  pickle: PickleReport | null,
): ModelFacts {
  const main = mainProblem(pickle);
  const tensors = arrays.map(({ name, shape, dtype, bytes }) => ({ name, shape, dtype, bytes }));
  const counted = arrays.length === tensorsTotal && arrays.every(({ bytes }) => bytes !== null);
  return modelFacts({
    framework: 'numpy',
    format,
    tensors,
    tensorsTotal,
    pickle,
    ...(counted ? {} : { parameterCount: null }),
    problems: main === undefined ? [] : [main],
  });
}
