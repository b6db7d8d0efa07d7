import type { FileGroup, OpenFile, Recogniser } from '../recogniser.ts';
import { FormatError } from '../../../formats/source.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { isObject, type Json } from '../../../protocol/json.ts';
import { modelFacts } from './facts.ts';
import { field } from '../../../formats/text/json-access.ts';
import { filesBelow } from './list-files.ts';
import { boundedMetadata } from './metadata.ts';

const maxBytes = 4 * 1024 * 1024;
const parts = ['stages', 'data', 'bestModel', 'treesMetadata', 'itemFactors', 'model'];

/**
 * Folders of Spark ML: metadata as JSON lines, then stages or data. `_SUCCESS` marks each folder as written. Source:
 * spark/ml/util/ReadWrite.scala.
 */
export const spark: Recogniser = {
  name: 'spark',
  endings: [],
  findGroups(folder) {
    if (!folder.folders.has('metadata')) return [];
    const child = folder.child('metadata');
    const part = [...(child?.files ?? [])].toSorted().find((name) => /^part-\d{5}/.test(name));
    if (part === undefined || folder.files.has('MLmodel')) return [];
    const isModel = parts.some((name) => folder.folders.has(name)) || child?.files.has('_SUCCESS') === true;
    return isModel ? [{ primary: `metadata/${part}`, files: filesBelow(folder), wholeFolder: true }] : [];
  },
  inspect(group, open) {
    const metadata = readMetadata(group, open);
    const name = field(metadata, 'class');
    if (metadata === undefined) return { state: 'partial', reason: `${group.primary} is not complete.` };
    if (typeof name !== 'string' || !/\.ml\.|^pyspark\.ml/.test(name))
      return { state: 'foreign', reason: 'The metadata names no class of Spark ML.' };
    if (!group.files.includes('metadata/_SUCCESS'))
      return { state: 'partial', reason: 'metadata/_SUCCESS is missing.' };
    const params = field(metadata, 'paramMap');
    const lacking = missingStage(group, field(params, 'stageUids'));
    if (lacking !== undefined) return { state: 'partial', reason: lacking };
    const version = field(metadata, 'sparkVersion');
    return {
      state: 'unmarked',
      facts: modelFacts({
        framework: 'spark',
        frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
        format: 'spark ml folder',
        modelClass: name.slice(name.lastIndexOf('.') + 1, name.lastIndexOf('.') + 201),
        params: boundedMetadata(isObject(params) ? params : {}),
      }),
    };
  },
};

/**
 * Returns a sentence about a stage that is not written yet; undefined for none. A pipeline names its stages before it writes each
 * into a folder that begins with its number.
 */
function missingStage({ files }: FileGroup, uids: Json | undefined): string | undefined {
  const stages = Array.isArray(uids) ? uids : [];
  const width = String(Math.max(0, stages.length - 1)).length;
  const isThere = (index: number): boolean =>
    files.some(
      (file) => file.startsWith(`stages/${String(index).padStart(width, '0')}_`) && file.endsWith('/metadata/_SUCCESS'),
    );
  const lacking = stages.findIndex((_, index) => !isThere(index));
  return lacking < 0 ? undefined : `Stage ${lacking + 1} of ${stages.length} is missing.`;
}

/** Parses the first line of the metadata, a JSON object; undefined if it cannot be read. */
function readMetadata({ primary }: FileGroup, open: OpenFile): Json | undefined {
  const source = open(primary);
  if (source === undefined || source.size === 0 || source.size > maxBytes) return undefined;
  try {
    return parseJson(new TextDecoder().decode(source.read(0, source.size)).split('\n')[0] ?? '');
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
