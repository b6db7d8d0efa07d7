import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { syncFile, syncFolder } from '../../runtime/write-file.ts';

/** Parts of the program's folder that only an editor needs. */
const editorOnly = new Set(['extension.cjs', 'language-client.cjs', 'lsp.js', 'sample', 'uninstall.cjs']);

/**
 * The daemon runs from a copy in the data folder, `bin/<version>-<content>/`, so that an update of the program that
 * started it deletes nothing under it. Returns the script to run: the given one where it is no bundle, or where no
 * copy can be made. Copies that other versions left are removed.
 */
export function placed(dataFolder: string, script: string): string {
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

/** A file of the program: where it is, and where it goes below the copy. */
interface Part {
  source: string;
  path: string;
}

/** Lists what is to be copied. npm may have put SQLite beside the program's folder or further up, so it is looked up as the program does. */
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

/** A power cut may leave a copy with empty files: the bytes of every part decide, not that the folder is there. */
function isWhole(parts: readonly Part[], copyFolder: string): boolean {
  return existsSync(copyFolder) && parts.every(({ source, path }) => sizeOf(join(copyFolder, path)) === sizeOf(source));
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Whole or not at all: several windows may start one at the same time. A copy that is not whole is put out of the way. */
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

/** Linux has two C libraries; which one this is, the loader finds out. */
function isOurs(binary: string): boolean {
  return binary.startsWith(process.platform) && binary.endsWith(`-${process.arch}.node`);
}

/** A daemon of another version has left when this one starts; where a file is in use still, it stays until the next time. */
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
