import { beginsLikeZip } from '../../../formats/containers/zip.ts';
import { readSuperblock } from '../../../formats/hdf5/hdf5.ts';
import { readKeras, readKerasTraces, type KerasModel } from '../../../formats/hdf5/keras.ts';
import { FormatError, type Source } from '../../../formats/source.ts';
import { placeTensors, type TensorPlace } from '../../../formats/tensors/tensor-places.ts';
import type { ModelFacts, Tensor } from '../../../protocol/artifact.ts';
import type { Inspection, Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { boundedMetadata } from './metadata.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [
  { ending: '.keras', loadRank: 4 },
  { ending: '.h5', loadRank: 11 },
  { ending: '.hdf5', loadRank: 11 },
  { ending: '.weights.h5', loadRank: 11 },
  { ending: '.weights.hdf5', loadRank: 11 },
];
const optimizerPath = /^optimizer(_weights)?(\/|$)/;
const optimizerCounter = /^optimizer(_weights)?\/(.*\/)?(vars\/0|iterations?(:0)?)$/;

/** Keras: `.keras` archives, and HDF5 with a whole model or weights alone. */
export const keras: Recogniser = {
  name: 'keras',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      if (/\.keras$/i.test(group.primary) || beginsLikeZip(source))
        return { state: 'whole', facts: factsOf(readKeras(source), 'keras zip', 'model.keras', source) };
      return inspectHdf5(source, /\.weights\.(h5|hdf5)$/i.test(group.primary));
    });
  },
};

/**
 * Inspects an HDF5 file. HDF5 has no end marker, so a file that is long enough may still be written. Any data can be HDF5, so a
 * trace of Keras is required.
 */
function inspectHdf5(source: Source, weightsByName: boolean): Inspection {
  const { version } = readSuperblock(source);
  const traces = readKerasTraces(source);
  if (!traces && !weightsByName) return { state: 'foreign', reason: 'This HDF5 file shows no trace of Keras.' };
  const facts = factsOf(traces, 'hdf5', '', source);
  return { state: 'unmarked', facts: { ...facts, metadata: { ...facts.metadata, superblock: version } } };
}

/** Returns every tensor of the file; empty if they are stored in a way that is not supported. */
function placesIn(file: string, source: Source): TensorPlace[] {
  try {
    return placeTensors(file, source).filter(({ dtype }) => dtype !== 'text');
  } catch (error) {
    if (!(error instanceof FormatError) || error.kind === 'truncated') throw error;
    return [];
  }
}

/** Returns the number of batches that the optimizer has counted; null if it has no counter. */
function iterationsIn(places: readonly TensorPlace[], source: Source): number | null {
  const counter = places.find(({ name, shape }) => shape.length === 0 && optimizerCounter.test(name))?.data;
  if (!counter || counter.swapped || counter.packed || !/^[iu](32|64)$/.test(counter.encoding)) return null;
  const bytes = Buffer.from(source.read(counter.offset, counter.bytes));
  const count = counter.bytes === 8 ? Number(bytes.readBigInt64LE()) : bytes.readInt32LE();
  return Number.isSafeInteger(count) && count > 0 ? count : null;
}

/** Counts the elements of all tensors except the state of random generators. */
function countWeights(tensors: readonly Tensor[]): number | null {
  const counted = tensors.filter(({ name }) => !name.includes('seed_generator'));
  if (counted.length === 0) return null;
  return counted.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

function factsOf(model: KerasModel | undefined, format: string, file: string, source: Source): ModelFacts {
  const shape = model?.inputShape ?? null;
  const places = placesIn(file, source);
  const tensors = places
    .filter(({ name }) => !optimizerPath.test(name))
    .map(({ name, shape: size, dtype, data }) => ({ name, shape: size, dtype, bytes: data?.bytes ?? null }));
  return modelFacts({
    framework: 'keras',
    frameworkVersion: model?.version ?? null,
    format,
    modelClass: model?.className ?? null,
    tensors,
    parameterCount: model?.parameterCount ?? countWeights(tensors),
    signature: shape === null ? null : { inputs: [{ name: 'input', dtype: 'float', shape }], outputs: [] },
    params: boundedMetadata(model?.params ?? {}),
    metadata: boundedMetadata({
      name: model?.name ?? null,
      dateSaved: model?.dateSaved ?? null,
      layers: model?.layers ?? null,
      compiledMetrics: model?.metrics ?? null,
      iterations: iterationsIn(places, source),
    }),
  });
}
