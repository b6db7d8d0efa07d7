import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RegistryError, messageOf } from '../../errors.ts';
import { homeFolder } from '../../runtime/current-user.ts';
import { referenceTo } from '../../shared/references.ts';
import type { VersionDetail } from '../../protocol/routes/versions.ts';
import type { Client } from './request.ts';

/**
 * Returns the path of a copy of a version in this user's cache, which the Python package uses as well. Files that are there
 * already are hashed again; all others are copied from the service and verified.
 */
export async function downloadVersion(
  client: Client,
  { version, files }: Pick<VersionDetail, 'version' | 'files'>,
  onRead: (done: number, total: number) => void,
): Promise<string> {
  const label = referenceTo(version.model, version.number);
  if (files.length === 0)
    throw new RegistryError('gone', `${label} has no files in the registry: its bytes are stored elsewhere.`);
  const named = files.map((file) => ({ ...file, path: safePath(file.path || version.primary) }));
  const folder = join(cacheFolder(), 'versions', version.digest.replace(':', '-'));
  if (!(await isPlaced(folder, named))) await fetchFiles(client, version, named, folder, onRead);
  return version.wholeFolder ? folder : join(folder, safePath(version.primary));
}

interface NamedFile {
  path: string;
  size: number;
  sha256: string;
}

/** Places the files in a temporary folder, and renames it when all of them are there with their checksums. */
async function fetchFiles(
  client: Client,
  { model, number }: { model: string; number: number },
  files: readonly NamedFile[],
  folder: string,
  onRead: (done: number, total: number) => void,
): Promise<void> {
  const temporary = join(cacheFolder(), 'tmp', randomUUID());
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  try {
    for (const { path, sha256 } of files) {
      const target = join(temporary, path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const source = await client.file({ model, version: String(number) }, path);
      source.on('data', (chunk: Buffer) => onRead((done += chunk.length), total));
      await pipeline(source, createWriteStream(target, { flags: 'wx' }));
      if ((await hashOf(target)) !== sha256)
        throw new RegistryError('damaged', `${path} arrived damaged. Nothing was kept; try again.`);
      await chmod(target, 0o444);
    }
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    await rename(temporary, folder);
  } catch (error) {
    // Another process may have placed the same version meanwhile.
    if (await isPlaced(folder, files)) return;
    if (error instanceof RegistryError) throw error;
    throw new RegistryError(
      'damaged',
      `The files could not be copied to ${cacheFolder()}: ${messageOf(error)}. Nothing was kept; try again.`,
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function isPlaced(folder: string, files: readonly NamedFile[]): Promise<boolean> {
  for (const { path, sha256 } of files) if ((await hashOf(join(folder, path))) !== sha256) return false;
  return true;
}

/** Returns the checksum of a file; undefined if it cannot be read. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

/** Returns a path of a manifest if it stays in its folder on this platform. Throws `damaged` for any other. */
function safePath(path: string): string {
  const isOdd = process.platform === 'win32' && /[\\:*?"<>|]/.test(path);
  if (!isOdd && !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part))) return path;
  throw new RegistryError('damaged', `The path ${JSON.stringify(path)} of a file of this version cannot be used here.`);
}

function cacheFolder(): string {
  const home = homeFolder() ?? '/tmp';
  if (process.platform === 'win32')
    return join(process.env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'plinth-cache');
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'plinth');
  return join(process.env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'plinth');
}
