import type { BlobStore } from '../../blobs/store.ts';
import { storeManifest } from '../../blobs/manifest.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { VersionBody } from '../../protocol/events.ts';
import type { ManifestFile } from '../../protocol/model.ts';

/** Files in the store, with the facts from their headers. */
export interface DescribedFiles {
  files: ManifestFile[];
  primary: string;
  wholeFolder: boolean;
  facts: ModelFacts;
}

/** Digests of the blobs that describe a version's files: their manifest, and all facts about them. */
export interface StoredDescription {
  manifest: string;
  facts: string;
}

/** Stores the blobs that describe a version's files. */
export async function storeDescription(
  { blobs }: { blobs: Pick<BlobStore, 'store'> },
  { files, facts }: Pick<DescribedFiles, 'files' | 'facts'>,
): Promise<StoredDescription> {
  const [manifest, stored] = await Promise.all([
    storeManifest(blobs, files),
    blobs.store(Buffer.from(JSON.stringify(facts))),
  ]);
  return { manifest, facts: stored };
}

const maxProblems = 20;

/**
 * Returns the part of an event's body that describes a version's files. `digest`: that of their manifest; `facts`: that of the
 * blob with all facts.
 */
export function describedBody(
  { files, primary, wholeFolder, facts: found }: DescribedFiles,
  model: string,
  number: number,
  digest: string,
  facts: string,
): Omit<VersionBody, 'source' | 'stage'> {
  return {
    model,
    number,
    digest,
    primary,
    wholeFolder,
    files: files.length,
    size: files.reduce((sum, file) => sum + file.size, 0),
    framework: found.framework,
    frameworkVersion: found.frameworkVersion,
    format: found.format,
    modelClass: found.modelClass,
    parameterCount: found.parameterCount,
    pickle: found.pickle?.verdict ?? null,
    problems: found.problems.slice(0, maxProblems),
    facts,
  };
}
