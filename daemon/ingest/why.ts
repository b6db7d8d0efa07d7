import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { artifactView, runById, type ArtifactRow } from '../db/artifacts.ts';
import { modelByName } from '../db/models.ts';
import type { Problem } from '../protocol/artifact.ts';
import type { Artifact, NameOrigin, Resumption } from '../protocol/model.ts';
import type { WhyReply } from '../protocol/routes/watch.ts';
import { folderOfRun } from '../shared/runs/run-id.ts';
import type { Context } from '../context.ts';
import { shellWord } from '../shared/format.ts';
import { linkOnTheWay, type LeadingLinks } from './watch/leading-links.ts';
import { listFolder } from './disk/list-folder.ts';
import { ignoredFile, ignoredFolder } from './disk/ignore.ts';
import { readerOf } from './run-logs/cache.ts';
import { whyEvidence } from './register/why-evidence.ts';
import type { Artifacts } from './artifact/artifact-state.ts';
import type { IgnoredPatterns } from './disk/ignore.ts';
import { artifactAtPath } from './artifact/files.ts';
import { originOf, type Naming } from './artifact/naming.ts';

export interface WhyParts extends Naming {
  readonly ignored: Pick<IgnoredPatterns, 'patternFor'>;
  readonly artifacts: Pick<Artifacts, 'get' | 'pathsBelow'>;
  /** Returns the problems of the run logs of a version. */
  problemsOf(model: string, version: number): readonly Problem[];
  readonly ctx: Pick<Context, 'db'>;
  /** The watched folder that a path is in; undefined outside all of them. */
  rootOf(path: string): string | undefined;
  readonly links: Pick<LeadingLinks, 'sentence'>;
  /** True while the folder is being scanned or the file is not decided about. */
  isLooking(root: string, path: string): boolean;
}

/** Explains the state of a file by its own row, by that of its artifact, or why it is no artifact. */
export function why(parts: WhyParts, path: string): WhyReply {
  const reply = explainPath(parts, path);
  const named = reply.artifact ? currentNameOrigin(parts, reply.artifact) : undefined;
  const resumptions = resumptionsOf(parts, reply.artifact?.run ?? null);
  return { ...reply, ...(named && { named }), ...(resumptions.length > 0 && { resumptions }) };
}

function resumptionsOf({ ctx }: WhyParts, run: string | null): Resumption[] {
  return run === null ? [] : (runById(ctx.db, run)?.resumptions ?? []);
}

/** Returns the origin of the model's current name; a rule or a tracker that names it now takes precedence over the stored origin. */
function currentNameOrigin(parts: WhyParts, { path, root, model }: Artifact): NameOrigin | undefined {
  if (model === null) return undefined;
  const files = artifactAtPath(parts.disk, root, path);
  const today = files && originOf(parts, files, model);
  const known = modelByName(parts.ctx.db, model)?.named;
  return today?.by === 'policy' || today?.by === 'tracker' ? today : (known ?? today);
}

function explainPath(parts: WhyParts, path: string): WhyReply {
  const own = parts.artifacts.get(path);
  const linked = explainLinkedPath(parts, path, own);
  if (linked) return linked;
  if (own) return { path, reason: reasonOf(parts, own), artifact: artifactView(own) };
  const held = describeFolder(parts, path);
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
  const looking = artifact && lookText(parts, root, artifact.path);
  const evidence = readerOf(basename(path)) ? whyEvidence(parts.ctx.db, root, path) : undefined;
  const problems = logProblems(parts, path).map((problem) => `; ${problem}`);
  const looked = parts.disk.contentOf(path) === '' ? unknownContent : undefined;
  const reason = ignored ?? looking ?? evidence ?? looked ?? notAnArtifact(path);
  return { path, reason: `${reason}${problems.join('')}`, artifact: null };
}

const unknownContent =
  'Its first bytes are of no model format that is known. Register it manually with: plinth register';
/** Explains a path behind a link by its target; undefined for a path without a link. */
function explainLinkedPath(parts: WhyParts, path: string, own: ArtifactRow | undefined): WhyReply | undefined {
  const root = parts.rootOf(path);
  const link = linkOnTheWay(root ?? '/', path);
  if (!link) return undefined;
  const artifact = own ? artifactView(own) : null;
  if (root !== undefined && link.path === path) return { path, reason: parts.links.sentence(root, link), artifact };
  const real = realPath(path);
  if (real === undefined) return undefined;
  if (parts.rootOf(real) !== undefined) {
    const target = explainPath(parts, real);
    return { path, reason: `Behind a link, at ${real}: ${target.reason}`, artifact: target.artifact };
  }
  if (root === undefined) return undefined;
  const start = `Behind ${relative(root, link.path)}, a link`;
  return { path, reason: parts.links.sentence(root, link, start), artifact };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function lookText(parts: WhyParts, root: string, path: string): string {
  if (parts.isLooking(root, path)) return 'Still being scanned.';
  return `No scan has seen it yet. Scan its folder again with: plinth scan ${shellWord(root)}`;
}

const maxNamed = 5;

/** Describes the artifacts in a folder; undefined if there are none. */
function describeFolder(parts: WhyParts, path: string): WhyReply | undefined {
  const paths = parts.artifacts.pathsBelow(path);
  const rows = paths.slice(0, maxNamed).flatMap((one) => parts.artifacts.get(one) ?? []);
  const [first] = rows;
  if (!first) return undefined;
  if (paths.length === 1)
    return {
      path,
      reason: `Contains ${relative(path, first.path)}: ${reasonOf(parts, first)}`,
      artifact: artifactView(first),
    };
  const named = rows.map((row) => {
    const what = row.model !== null && row.version !== null ? `${row.model}@${row.version}` : row.state;
    return `${relative(path, row.path)} (${what})`;
  });
  const more = paths.length > named.length ? `, and ${paths.length - named.length} more` : '';
  return { path, reason: `Contains ${paths.length} artifacts: ${named.join(', ')}${more}.`, artifact: null };
}

function reasonOf(parts: WhyParts, row: ArtifactRow): string {
  const { state, reason } = row;
  const problems = problemsOf(parts, row).map(({ message }) => `; ${message}`);
  return `${state === 'waiting' ? 'waiting: ' : ''}${reason}${problems.join('')}`;
}

function problemsOf({ problemsOf: ofVersion }: WhyParts, { model, version }: ArtifactRow): Problem[] {
  if (model === null || version === null) return [];
  return ofVersion(model, version).filter(({ source }) => source !== undefined);
}

const maxNear = 50;

/** Returns the problems of a run log in the versions of its folder and below. */
function logProblems(parts: WhyParts, path: string): string[] {
  if (!readerOf(basename(path))) return [];
  const near = parts.artifacts.pathsBelow(dirname(path)).slice(0, maxNear);
  const rows = near.flatMap((one) => parts.artifacts.get(one) ?? []);
  const found = rows.flatMap((row) =>
    problemsOf(parts, row).filter(
      ({ source = '' }) => join(folderOfRun(row.run) ?? dirname(row.path), source) === path,
    ),
  );
  return [...new Set(found.map(({ message, source = '' }) => message.slice(source.length + 2)))];
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
