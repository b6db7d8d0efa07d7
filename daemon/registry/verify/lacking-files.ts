import { blobPath } from '../../blobs/seal.ts';
import type { Database } from '../../db/database.ts';
import { liveManifests, type BlobScope } from '../../db/named-blobs.ts';
import { systemCode } from '../../errors.ts';
import { containedPath } from '../../formats/onnx/external-path.ts';
import { readOnnx } from '../../formats/onnx/onnx.ts';
import { FormatError, type Source } from '../../formats/source.ts';
import { shardGroups, shardsIn } from '../../formats/tensors/shards.ts';
import { parseJson } from '../../formats/text/json.ts';
import { withTensorFile } from '../tensors/tensor-source.ts';
import { listFiles } from './named-files.ts';

/** A file that a version's own file names and the version lacks. */
export interface LackingFile {
  name: string;
  /** File that names it. */
  by: string;
}

/** An incomplete version, with its model's id. */
export interface LackingVersion extends LackingFile {
  model: string;
  number: number;
}

/** Calls `act` with a file of the version; undefined if it cannot be opened. */
type OpenFile = <T>(path: string, act: (source: Source) => T) => T | undefined;

const maxIndexBytes = 16 << 20;

/**
 * Returns the first file that an index, a header or a shard's name requires and that is not among a version's files; undefined
 * for none. `open` reads a file of the version.
 */
export function findLackingFile(paths: readonly string[], open: OpenFile): LackingFile | undefined {
  const known = new Set(paths);
  const naming = paths.filter((path) => /\.onnx$|\.index\.json$/i.test(path));
  for (const by of naming) {
    const folder = by.slice(0, by.lastIndexOf('/') + 1);
    const named = (open(by, (source) => namesIn(by, source)) ?? []).map((name) => folder + name);
    const lacking = named.find((name) => !known.has(name));
    const isOfOtherFormat = named.every((name) => !known.has(name)) && paths.some((path) => isWeight(path, by));
    if (lacking !== undefined && !isOfOtherFormat) return { name: lacking, by };
  }
  return lackingShard(paths);
}

/** Yields the live versions that lack a file which one of their own files names. */
export function* lackingVersions(
  dataFolder: string,
  derived: Database,
  scope: BlobScope | null,
): Generator<LackingVersion> {
  for (const { model, number, digest, primary } of liveManifests(derived, scope)) {
    const files = listFiles(dataFolder, digest).map(([path, , sha256]): [string, string] => [path || primary, sha256]);
    const blobs = new Map(files);
    const open: OpenFile = (path, act) => withFile(blobPath(dataFolder, blobs.get(path) ?? ''), act);
    const lacking = findLackingFile([...blobs.keys()], open);
    if (lacking) yield { model, number, ...lacking };
  }
}

/** Calls `act` with a blob; undefined if it cannot be opened, which hashing reports. */
function withFile<T>(path: string, act: (source: Source) => T): T | undefined {
  try {
    return withTensorFile({ path }, act);
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** True for weights in the folder of an index that does not name them: it is the index of another format, whose weights were not downloaded. */
function isWeight(path: string, index: string): boolean {
  const folder = index.slice(0, index.lastIndexOf('/') + 1);
  return /\.index\.json$/i.test(index) && path.startsWith(folder) && /\.(safetensors|bin|h5|msgpack)$/i.test(path);
}

function namesIn(path: string, source: Source): string[] {
  try {
    if (/\.onnx$/i.test(path)) return [...readOnnx(source).external.keys()].flatMap((one) => containedPath(one) ?? []);
    if (source.size > maxIndexBytes) return [];
    return shardsIn(parseJson(new TextDecoder().decode(source.read(0, source.size)))) ?? [];
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** Returns a missing shard by the total in shard names, `model-00001-of-00003.safetensors`; undefined for none. */
function lackingShard(paths: readonly string[]): LackingFile | undefined {
  for (const { files, total } of shardGroups(paths)) {
    const [first = ''] = files;
    const parts = new Set(files.map((file) => Number(/-(\d{5})-of-\d{5}\.\w+$/.exec(file)?.[1])));
    for (let part = 1; part <= total; part += 1) {
      const name = first.replace(/-\d{5}-of-/, `-${String(part).padStart(5, '0')}-of-`);
      if (!parts.has(part) && !files.some((file) => /-00000-of-/.test(file))) return { name, by: first };
    }
  }
  return undefined;
}
