import type { Source } from '../../../formats/source.ts';
import { sourceOf } from '../../../formats/source.ts';
import type { FileEnding, Inspection, Recogniser } from '../recogniser.ts';
import { compressionOf, decompress, endsLikeXz } from './compressed.ts';
import type { Compression } from './compressed.ts';
import { modelFacts } from './facts.ts';
import { inspectPickle } from './pickled-object.ts';
import { requirePlainModel } from './plainly-model.ts';
import { singleFiles } from './single-file.ts';

const compressions = ['.gz', '.gzip', '.z', '.zlib', '.xz', '.bz2', '.lzma', '.lz4'];
/** Compressions that are recognised but not read. */
const unread = ['.zst', '.zstd'];
const endings: readonly FileEnding[] = [
  { ending: '.joblib', loadRank: 3 },
  { ending: '.jbl', loadRank: 3 },
  { ending: '.jl', loadRank: 3, byContent: true },
  ...['.joblib', '.jbl', '.pkl', '.pickle'].flatMap((plain) =>
    [...compressions, ...unread].map((packed) => ({ ending: plain + packed, loadRank: 13 })),
  ),
];

/** Files of joblib.dump, plain or compressed, and compressed pickles. */
export const joblib: Recogniser = {
  name: 'joblib',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    const source = open(group.primary);
    if (source === undefined) return { state: 'partial', reason: 'The file cannot be read.' };
    const format = /\.(pkl|pickle)\./i.test(group.primary) ? 'pickle' : 'joblib';
    const found = inspectCompressed(source, format, group.primary) ?? inspectPickle(source, format, group.primary);
    return group.byContent === true ? requirePlainModel(found) : found;
  },
};

/** Inspects a compressed pickle; undefined if the file is not compressed. */
export function inspectCompressed(source: Source, format: string, fileName: string): Inspection | undefined {
  const compression = compressionOf(source);
  if (compression === 'zstd')
    return {
      state: 'unreadable',
      reason: 'It is compressed with zstd, which Plinth does not read, so its content is not known.',
    };
  if (compression === undefined) return undefined;
  const name = `${format} ${compression}`;
  if (compression !== 'gzip' && compression !== 'zlib') return inspectOpaque(source, compression, name);
  const result = decompress(source, compression);
  if ('content' in result) {
    const inspection = inspectPickle(sourceOf(result.content), name, fileName, !result.whole);
    if (inspection.state !== 'partial') return inspection;
    return { state: 'partial', reason: 'The compressed pickle has no STOP yet.' };
  }
  if (result.failure === 'truncated') return { state: 'partial', reason: `The ${compression} stream is cut.` };
  return { state: 'foreign', reason: `The ${compression} stream is damaged.` };
}

function inspectOpaque(source: Source, compression: Compression, format: string): Inspection {
  const message = `It is compressed with ${compression}, which Plinth does not read, so its content is not known.`;
  const facts = modelFacts({
    framework: 'unknown',
    format,
    pickle: { verdict: 'unreadable', imports: [] },
    problems: [{ code: 'not-decompressed', message }],
  });
  if (compression !== 'xz') return { state: 'unmarked', facts };
  if (!endsLikeXz(source)) return { state: 'partial', reason: 'The xz stream has no footer yet.' };
  return { state: 'whole', facts };
}
