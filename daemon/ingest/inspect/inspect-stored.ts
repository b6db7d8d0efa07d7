import { relative } from 'node:path';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import { unknownFacts } from './explicit-path.ts';
import type { Folder, FileGroup } from '../artifact/recogniser.ts';
import { recognisers } from '../artifact/recognisers.ts';
import type { BlobStore } from '../../blobs/store.ts';
import type { Inspector } from './inspector.ts';

export interface InspectedFiles {
  facts: ModelFacts;
  primary: string;
  /** True if all files together are the artifact, false if the primary file is one by itself. */
  wholeFolder: boolean;
}

/** Inspects files in the blob store by their names and bytes. */
export async function factsOfStored(
  { inspector, blobs }: { inspector: Pick<Inspector, 'stored'>; blobs: Pick<BlobStore, 'folder' | 'pathOf'> },
  files: readonly ManifestFile[],
): Promise<InspectedFiles> {
  const top = folderOf(files.map(({ path }) => path));
  const first = files[0]?.path ?? '';
  const several = files.length > 1;
  const plain = { facts: unknownFacts({ wholeFolder: several, path: first }), primary: first, wholeFolder: several };
  if (files.length === 0) return plain;
  const paths = Object.fromEntries(
    files.map(({ path, sha256 }) => [path, relative(blobs.folder, blobs.pathOf(`sha256:${sha256}`))]),
  );
  for (const { name, group } of groupsIn(top)) {
    const found = await inspector.stored(name, blobs.folder, group, paths);
    if (found.state === 'whole' || found.state === 'unmarked')
      return { facts: found.facts, primary: group.primary, wholeFolder: group.wholeFolder };
  }
  return plain;
}

const maxGroups = 5;

function groupsIn(top: Folder): { name: string; group: FileGroup }[] {
  const found = recognisers.flatMap((one) => one.findGroups(top).map((group) => ({ name: one.name, group })));
  return found.filter(({ group }) => group.missing === undefined).slice(0, maxGroups);
}

/** Builds a listing of relative paths that are in no folder on disk. */
function folderOf(paths: readonly string[], path = '/', name = ''): Folder {
  const nested = paths.filter((file) => file.includes('/'));
  const folders = new Set(nested.map((file) => file.slice(0, file.indexOf('/'))));
  return {
    path,
    name,
    files: new Set(paths.filter((file) => !file.includes('/'))),
    folders,
    child: (inner) =>
      folders.has(inner)
        ? folderOf(
            nested.filter((file) => file.startsWith(`${inner}/`)).map((file) => file.slice(inner.length + 1)),
            `${path}${inner}/`,
            inner,
          )
        : undefined,
  };
}
