import { existsSync, lstatSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { artifactView } from '../db/artifacts.ts';
import type { WhyReply } from '../protocol/routes/watch.ts';
import { shellWord } from '../shared/format.ts';
import { listFolder } from './watch/list-folder.ts';
import { ignoredFile, ignoredFolder } from './watch/ignore.ts';
import { readerOf } from './run-logs/cache.ts';
import type { Rules } from '../policy/watch-rules.ts';
import type { Artifacts } from './settle/artifact-state.ts';
import type { Disk } from './watch/folder-cache.ts';
import type { IgnoredPatterns } from './watch/ignore.ts';
import { artifactAtPath } from './artifact/files.ts';

export interface WhyParts {
  readonly disk: Disk;
  readonly rules: Rules;
  readonly ignored: Pick<IgnoredPatterns, 'patternFor'>;
  readonly artifacts: Pick<Artifacts, 'get' | 'pathsBelow'>;
  /** The watched folder that a path is in; undefined outside all of them. */
  rootOf(path: string): string | undefined;
}

/** What became of a file, and why: its own row, that of the artifact it belongs to, or why it is no artifact at all. */
export function why(parts: WhyParts, path: string): WhyReply {
  const own = parts.artifacts.get(path);
  if (own) return { path, reason: sentence(own.state, own.reason), artifact: artifactView(own) };
  const held = heldIn(parts, path);
  if (held) return held;
  const root = parts.rootOf(path);
  if (!existsSync(path)) return { path, reason: 'The file does not exist.', artifact: null };
  if (!root)
    return {
      path,
      reason: `Not in a watched folder. Watch it with: plinth watch ${shellWord(dirname(path))}`,
      artifact: null,
    };
  const artifact = artifactAtPath(parts.disk, root, path);
  const row = artifact && parts.artifacts.get(artifact.path);
  if (row) return { path, reason: `Part of ${row.path}: ${row.reason}`, artifact: artifactView(row) };
  const ignored = ignoredBy(parts, root, path);
  const looking = artifact === undefined ? undefined : 'Still being scanned.';
  return { path, reason: ignored ?? looking ?? notAnArtifact(path), artifact: null };
}

const maxNamed = 5;

/** Of a folder what is known of the artifacts in it; undefined where nothing is. */
function heldIn(parts: WhyParts, path: string): WhyReply | undefined {
  const paths = parts.artifacts.pathsBelow(path);
  const rows = paths.slice(0, maxNamed).flatMap((one) => parts.artifacts.get(one) ?? []);
  const [first] = rows;
  if (!first) return undefined;
  if (paths.length === 1)
    return {
      path,
      reason: `Contains ${relative(path, first.path)}: ${sentence(first.state, first.reason)}`,
      artifact: artifactView(first),
    };
  const named = rows.map((row) => {
    const what = row.model !== null && row.version !== null ? `${row.model}@${row.version}` : row.state;
    return `${relative(path, row.path)} (${what})`;
  });
  const more = paths.length > named.length ? `, and ${paths.length - named.length} more` : '';
  return { path, reason: `Contains ${paths.length} artifacts: ${named.join(', ')}${more}.`, artifact: null };
}

function sentence(state: string, reason: string): string {
  return state === 'waiting' ? `waiting: ${reason}` : reason;
}

function ignoredBy(parts: WhyParts, root: string, path: string): string | undefined {
  for (let at = dirname(path); at.length > root.length; at = dirname(at)) {
    const reason = ignoredFolder(basename(at));
    if (reason !== undefined) return reason;
    const pattern = parts.ignored.patternFor(root, at);
    if (pattern !== undefined) return `Its folder matches the ignored pattern ${pattern}.`;
  }
  const pattern = parts.ignored.patternFor(root, path);
  if (pattern !== undefined) return `It matches the ignored pattern ${pattern}.`;
  return parts.rules.matchRule(path, root)?.ignored;
}

function notAnArtifact(path: string): string {
  const name = basename(path);
  const odd = listFolder(dirname(path))?.odd.get(name);
  if (odd !== undefined) return odd;
  if (lstatSync(path).isDirectory()) return 'The folder as a whole is not a model.';
  return ignoredFile(name) ?? otherFile(name);
}

function otherFile(name: string): string {
  if (readerOf(name))
    return 'A run log, not a model: its metrics and params are read for the models in the same folder.';
  return 'Unsupported file type. Register it manually with: plinth register';
}
