import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { syncFile, syncFolder } from '../../runtime/write-file.ts';

/** Parts of the program's folder that only the editor needs. */
const editorOnly = new Set(['extension', 'lsp.js', 'sample']);

/**
 * Copies the program to the data folder, `bin/<version>-<content>/`, so that an update of the editor's extension does not delete
 * files of a running service. Returns the script to run: the given one if it is no bundle or cannot be copied. Removes the copies
 * of other versions.
 */
export function placeCopy(dataFolder: string, script: string): string {
  const from = dirname(script);
  if (basename(from) !== 'dist' || basename(script) !== 'plinth.js') return script;
  try {
    const { version } = JSON.parse(readFileSync(join(dirname(from), 'package.json'), 'utf8')) as { version: string };
    const name = `${version}-${hash('sha256', readFileSync(script), 'hex').slice(0, 12)}`;
    const bin = join(dataFolder, 'bin');
    const copyFolder = join(bin, name);
    const parts = partsOf(script);
    if (!isWhole(parts, copyFolder)) copy(parts, bin, copyFolder);
    tidy(bin, name);
    return join(copyFolder, 'dist', 'plinth.js');
  } catch {
    return script;
  }
}

/** A file of the program, and its path below the copy. */
interface Part {
  source: string;
  path: string;
}

/** Lists the files to copy. npm may have put SQLite beside the program's folder or above it, so it is resolved as the program does. */
function partsOf(script: string): Part[] {
  const from = dirname(script);
  const sqlite = dirname(createRequire(script).resolve('better-sqlite3/package.json'));
  const below = (folder: string, to: string): Part[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((source) => ({ source, path: join(to, relative(folder, source)) }));
  const target = join('node_modules', 'better-sqlite3');
  const program = below(from, 'dist').filter(({ path }) => !editorOnly.has(path.split(sep)[1] ?? ''));
  const prebuilds = below(join(sqlite, 'prebuilds'), join(target, 'prebuilds'));
  return [
    ...program,
    { source: join(sqlite, 'package.json'), path: join(target, 'package.json') },
    ...below(join(sqlite, 'lib'), join(target, 'lib')),
    ...prebuilds.filter(({ path }) => isOurs(basename(path))),
  ];
}

/** True if every part has its full size, as a power cut may leave a copy with empty files. */
function isWhole(parts: readonly Part[], copyFolder: string): boolean {
  return existsSync(copyFolder) && parts.every(({ source, path }) => sizeOf(join(copyFolder, path)) === sizeOf(source));
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Copies all parts or none, as several windows may start the service at the same time. An incomplete copy is moved away. */
function copy(parts: readonly Part[], bin: string, copyFolder: string): void {
  const made = join(bin, `.${process.pid}-${Date.now()}`);
  try {
    for (const { source, path } of parts) {
      mkdirSync(dirname(join(made, path)), { recursive: true, mode: 0o700 });
      copyFileSync(source, join(made, path));
      syncFile(join(made, path));
    }
    if (existsSync(copyFolder) && !isWhole(parts, copyFolder)) renameSync(copyFolder, `${made}-broken`);
    renameSync(made, copyFolder);
    syncFolder(bin);
  } catch (error) {
    if (!isWhole(parts, copyFolder)) throw error;
  } finally {
    for (const left of [made, `${made}-broken`]) rmSync(left, { recursive: true, force: true });
  }
}

/** True for the SQLite binaries of this platform. Linux has two C libraries; the loader chooses. */
function isOurs(binary: string): boolean {
  return binary.startsWith(process.platform) && binary.endsWith(`-${process.arch}.node`);
}

/** Removes the copies of other versions. One that is still in use stays until the next time. */
function tidy(bin: string, keep: string): void {
  for (const name of readdirSync(bin)) {
    if (name === keep || name.startsWith('.')) continue;
    try {
      rmSync(join(bin, name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}
