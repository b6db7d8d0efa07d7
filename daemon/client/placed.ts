import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** What of the program's folder only an editor needs. */
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
    const place = join(bin, name);
    if (!existsSync(place)) copy(from, bin, place);
    tidy(bin, name);
    return join(place, 'dist', 'plinth.js');
  } catch {
    return script;
  }
}

/** Whole or not at all: several windows may start one at the same time. */
function copy(from: string, bin: string, place: string): void {
  const made = join(bin, `.${process.pid}-${Date.now()}`);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  cpSync(from, join(made, 'dist'), { recursive: true, filter: (path) => !editorOnly.has(basename(path)) });
  const sqlite = join('node_modules', 'better-sqlite3');
  const source = join(dirname(from), sqlite);
  for (const name of ['package.json', 'lib']) cpSync(join(source, name), join(made, sqlite, name), { recursive: true });
  const prebuilds = join(sqlite, 'prebuilds');
  mkdirSync(join(made, prebuilds));
  for (const name of readdirSync(join(source, 'prebuilds')).filter(isOurs))
    cpSync(join(dirname(from), prebuilds, name), join(made, prebuilds, name));
  try {
    renameSync(made, place);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
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
