import { gunzipSync, constants } from 'node:zlib';
import { beginsLikeTar, readTar } from '../../../formats/containers/tar.ts';
import { sourceOf, type Source } from '../../../formats/source.ts';
import type { FileEnding, Inspection, Recogniser } from '../recogniser.ts';
import { compressionOf } from './compressed.ts';
import { modelFacts } from './facts.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings: readonly FileEnding[] = [
  { ending: '.nemo', loadRank: 12 },
  { ending: '.tar.gz', loadRank: 15, byContent: true },
];
const headBytes = 64 * 1024;
const maxContentBytes = 32 << 20;
const maxConfigBytes = 4 << 20;

/** Models in tar archives, perhaps with gzip: NeMo's with a configuration and weights, and Rasa's with its components. */
export const archive: Recogniser = {
  name: 'archive',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => inspectArchive(source));
  },
};

function inspectArchive(source: Source): Inspection {
  const isPlain = beginsLikeTar(source);
  const content = isPlain ? source : sourceOf(firstPart(source));
  if (!beginsLikeTar(content)) return { state: 'foreign', reason: 'It is not a tar archive.' };
  const entries = readTar(content, isPlain);
  const kind = kindOf(entries.map(({ name }) => name));
  if (kind === undefined) return { state: 'foreign', reason: 'The archive contains no model of a known kind.' };
  const config = entries.find(({ name }) => /(^|\/)model_config\.yaml$/.test(name));
  const text = config
    ? new TextDecoder().decode(content.read(config.offset, Math.min(config.size, maxConfigBytes)))
    : '';
  const { framework, format } = kind;
  const facts = modelFacts({
    framework,
    format,
    frameworkVersion: /^nemo_version: *["']?([\w.+-]{1,50})/m.exec(text)?.[1] ?? null,
    modelClass: /^target: *["']?[\w.]*?(\w{1,100})["']?\s*$/m.exec(text)?.[1] ?? null,
    metadata: { read: 'by header only', files: entries.length },
  });
  return { state: isPlain ? 'whole' : 'unmarked', facts };
}

/** Returns the framework and format of an archive with files of these names; undefined for any other. */
function kindOf(names: readonly string[]): { framework: string; format: string } | undefined {
  const bare = names.map((name) => name.replace(/^\.\//, ''));
  if (bare.includes('model_config.yaml') && bare.some((name) => /^model_weights(\.ckpt$|\/)/.test(name)))
    return { framework: 'nemo', format: 'nemo archive' };
  const isRasa = bare.some((name) => name.startsWith('components/')) && bare.includes('metadata.json');
  return isRasa ? { framework: 'rasa', format: 'rasa archive' } : undefined;
}

/** True for an archive of a known format. A compressed one is recognised by the names in its first part. */
export function isModelArchive(source: Source): boolean {
  const isPlain = beginsLikeTar(source);
  const content = isPlain ? source : sourceOf(firstPart(source));
  return beginsLikeTar(content) && kindOf(readTar(content, isPlain).map(({ name }) => name)) !== undefined;
}

/** Returns the first part of a gzip file's content; empty for any other file. */
function firstPart(source: Source): Uint8Array {
  if (compressionOf(source) !== 'gzip') return new Uint8Array(0);
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxContentBytes };
    return gunzipSync(source.read(0, headBytes), options);
  } catch {
    return new Uint8Array(0);
  }
}
