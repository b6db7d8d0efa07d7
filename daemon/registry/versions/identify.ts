import { existsSync, lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import { everyVersion, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { IdentifiedVersion, IdentifyReply } from '../../protocol/identify.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import { labelOf } from './resolve.ts';

const maxFiles = 10_000;

/** Returns the versions with the bytes of a local file or folder. Throws `not-found` and `invalid-request`. */
export type Identify = (path: string) => Promise<IdentifyReply>;

/** Files of all versions by size in bytes, updated with the log. A file with a size that no version has is never hashed. */
interface SizeIndex {
  bySize: Map<number, Set<string>>;
  manifests: Map<string, ManifestFile[]>;
}

export function identifier(ctx: Context): Identify {
  const index: SizeIndex = { bySize: new Map(), manifests: new Map() };
  return async (path) => {
    const versions = everyVersion(ctx.db).filter(({ state }) => state === 'ready' || state === 'damaged');
    const byDigest = Map.groupBy(versions, ({ body }) => body.digest);
    keepUp(ctx, index, byDigest);
    const { real, stats } = lookAt(path);
    const found = stats.isDirectory() ? await inFolder(ctx, index, real) : await ofFile(ctx, index, real, stats.size);
    const matches = found.hits.flatMap((hit) =>
      (byDigest.get(hit.manifest) ?? []).map((row) => matchOf(ctx, row, hit)),
    );
    const sorted = matches.toSorted((a, b) => b.row.seq - a.row.seq).toSorted((a, b) => rank(a.match) - rank(b.match));
    const named = sorted.map(({ match }) => match);
    return { path, digest: found.digest, matches: named, sentence: sentenceOf(path, named, found.digest) };
  };
}

function rank(match: IdentifiedVersion): number {
  return match.as === 'whole' ? 0 : 1;
}

/** Reads manifests that are new since the last call; unreadable ones are left out. */
function keepUp(ctx: Context, { bySize, manifests }: SizeIndex, byDigest: ReadonlyMap<string, VersionRow[]>): void {
  for (const digest of byDigest.keys()) {
    if (manifests.has(digest)) continue;
    const files = filesOf(ctx, digest);
    if (!files) continue;
    manifests.set(digest, files);
    for (const { size } of files) bySize.set(size, (bySize.get(size) ?? new Set()).add(digest));
  }
}

function filesOf(ctx: Context, digest: string): ManifestFile[] | undefined {
  try {
    return readManifest(ctx.blobs, digest);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** Returns the target of a path. A link counts as its target. */
function lookAt(path: string): { real: string; stats: Stats } {
  if (!existsSync(path)) throw new RegistryError('not-found', `${path} does not exist. Check the path.`);
  const real = realpathSync(path);
  const stats = lstatSync(real);
  if (stats.isFile() || stats.isDirectory()) return { real, stats };
  throw new RegistryError('invalid-request', `${path} is not a regular file or folder.`);
}

interface Hit {
  manifest: string;
  /** Path in the manifest. */
  file: string;
  as: 'whole' | 'file';
}

interface Found {
  digest: string | null;
  hits: Hit[];
}

async function ofFile(ctx: Context, index: SizeIndex, path: string, size: number): Promise<Found> {
  const manifests = index.bySize.get(size);
  if (!manifests) return { digest: null, hits: [] };
  const digest = await ctx.blobs.digestOf(path);
  const hits = [...manifests].flatMap((manifest) => {
    const files = index.manifests.get(manifest) ?? [];
    const file = files.find(({ sha256 }) => `sha256:${sha256}` === digest);
    const as = files.length === 1 ? ('whole' as const) : ('file' as const);
    return file ? [{ manifest, file: file.path, as }] : [];
  });
  return { digest, hits };
}

/** Returns the versions all of whose files the folder has; if there are none, those with one of its files. */
async function inFolder(ctx: Context, index: SizeIndex, folder: string): Promise<Found> {
  const sizes = sizesIn(folder);
  const digests = new Map<string, string>();
  const isThere = async ({ path, size, sha256 }: ManifestFile): Promise<boolean> => {
    const named = path === '' ? [...sizes].filter(([, one]) => one === size).map(([name]) => name) : [path];
    for (const name of named) {
      if (sizes.get(name) !== size) continue;
      const digest = digests.get(name) ?? (await ctx.blobs.digestOf(join(folder, name)));
      digests.set(name, digest);
      if (digest === `sha256:${sha256}`) return true;
    }
    return false;
  };
  const wanted = new Set([...sizes.values()].flatMap((size) => [...(index.bySize.get(size) ?? [])]));
  const hits: Hit[] = [];
  for (const manifest of wanted) {
    const files = index.manifests.get(manifest) ?? [];
    const there: ManifestFile[] = [];
    for (const file of files) if (await isThere(file)) there.push(file);
    const [first] = there;
    if (first) hits.push({ manifest, file: first.path, as: there.length === files.length ? 'whole' : 'file' });
  }
  const whole = hits.filter(({ as }) => as === 'whole');
  return { digest: null, hits: whole.length > 0 ? whole : hits };
}

/** Returns the sizes of regular files below a folder by path with `/`, without following links. Throws `invalid-request` above 10,000. */
function sizesIn(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    sizes.set(relative(folder, path).split(sep).join('/'), lstatSync(path, { throwIfNoEntry: false })?.size ?? -1);
    if (sizes.size > maxFiles)
      throw new RegistryError(
        'invalid-request',
        `${folder} contains more than 10,000 files. Give the folder of the model itself.`,
      );
  }
  return sizes;
}

function matchOf(ctx: Context, row: VersionRow, { file, as }: Hit): { row: VersionRow; match: IdentifiedVersion } {
  const reference = labelOf(ctx, row);
  const { number, state, stage, body } = row;
  const model = reference.slice(0, reference.lastIndexOf('@'));
  return {
    row,
    match: { reference, model, number, state, stage, as, file: file === '' || as === 'whole' ? body.primary : file },
  };
}

function sentenceOf(path: string, matches: readonly IdentifiedVersion[], digest: string | null): string {
  const [first] = matches;
  if (!first)
    return digest === null
      ? `${path} is not a version: no version has a file of its size.`
      : `${path} is not a version.`;
  const more = matches.length === 1 ? '' : `, and ${matches.length - 1} more`;
  const { reference, stage } = first;
  if (first.as === 'whole') return `${path} is ${reference} (${stage})${more}.`;
  return `${path} has ${first.file} of ${reference} (${stage})${more}.`;
}
