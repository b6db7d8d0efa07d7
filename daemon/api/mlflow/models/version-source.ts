import type { Context } from '../../../context.ts';
import { readManifest } from '../../../blobs/manifest.ts';
import { modelByName, pointerOf } from '../../../db/models.ts';
import { runById } from '../../../db/tracking/runs.ts';
import { loggedModelById, type LoggedModelRow } from '../../../db/tracking/logged-models.ts';
import { versionOf, type VersionRow } from '../../../db/versions.ts';
import type { ManifestFile } from '../../../protocol/model.ts';
import { belowLocation } from '../../../tracking/location.ts';
import { filesAt, storePath } from '../../../tracking/uploads.ts';
import { MlflowError } from '../error-handler.ts';
import { downloadUriOf } from './stored-version.ts';
import { isUnsafe } from '../artifacts/paths.ts';
import { modelUri } from '../../../shared/references.ts';

/** Origin of a version in a client's request. Fields are empty if not given. */
export interface Asked {
  source: string;
  runId: string;
  modelId: string;
}

/** A resolved origin. */
export interface Resolved extends Asked {
  /** Artifact URI that the source leads to. */
  location: string;
  /** Its files in our store; empty if its bytes are elsewhere. */
  files: ManifestFile[];
  wholeFolder: boolean;
  logged: LoggedModelRow | undefined;
}

const foreignSchemes = new Set(['http', 'https', 'ftp', 'sftp', 'hdfs', 'r2', 'b2', 'abfss']);

/** Checks a source by MLflow's rules and finds its bytes. Throws `INVALID_PARAMETER_VALUE` or `RESOURCE_DOES_NOT_EXIST`. */
export function resolveSource(ctx: Context, asked: Asked): Resolved {
  const { source } = asked;
  if (isUnsafe(source.replace(/^[a-z][\w+.-]*:\/*/i, ''))) throw relative(source);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(source)?.[1]?.toLowerCase() ?? 'file';
  if (scheme === 'models') return ofModels(ctx, asked);
  if (scheme === 'runs') return ofRuns(ctx, asked);
  if (scheme === 'mlflow-artifacts') return ofStore(ctx, asked);
  if (scheme === 'file' || /^[a-z]$/.test(scheme)) return ofDisk(ctx, asked);
  if (foreignSchemes.has(scheme)) throw wrong(source, `A model version source cannot use the '${scheme}' scheme.`);
  return findSource(ctx, asked, source);
}

function wrong(source: string, why: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', `Invalid model version source: '${source.slice(0, 500)}'. ${why}`);
}

function relative(source: string): MlflowError {
  const why =
    'If supplying a source as an http, https, local file path, ftp, objectstore, mlflow-artifacts, or other URI, the absolute path provided must not contain any relative path references in the path. Please provide an absolute path.';
  return wrong(source, why);
}

function findSource(ctx: Context, asked: Asked, location: string): Resolved {
  const logged = asked.modelId === '' ? undefined : loggedModelById(ctx.db, asked.modelId);
  const runId = asked.runId || (logged?.sourceRun ?? '');
  const at = storePath(location);
  const owned = at === undefined ? undefined : filesAt(ctx, at);
  return { ...asked, runId, location, logged, files: owned?.files ?? [], wholeFolder: owned?.wholeFolder ?? true };
}

function ofModels(ctx: Context, asked: Asked): Resolved {
  const rest = asked.source.replace(/^models:\/+/i, '');
  const parts = rest.split('/');
  if (parts.length === 1 && /^m-[0-9a-f]+$/.test(rest)) {
    if (asked.modelId !== rest) throw wrong(asked.source, `model_id has to be given and equal to ${rest}.`);
    const logged = loggedModelById(ctx.db, rest);
    if (logged?.stage === 'active') return findSource(ctx, asked, logged.artifactUri);
    throw wrong(asked.source, `Logged model with ID '${rest}' not found.`);
  }
  const [name, text] = parts.length === 2 ? parts : rest.split('@');
  const row = versionFor(ctx, decoded(name ?? ''), decoded(text ?? ''));
  if (!row) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${text}) not found`);
  return ofVersion(ctx, asked, row, modelUri(name ?? '', row.number));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function versionFor(ctx: Context, name: string, text: string): VersionRow | undefined {
  const model = modelByName(ctx.db, name.normalize('NFC'));
  if (!model) return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : pointerOf(ctx.db, model.id, 'alias', text)?.holder;
  const row = typeof number === 'number' ? versionOf(ctx.db, model.id, number) : undefined;
  return row?.state === 'ready' ? row : undefined;
}

/** Resolves a version as a source: the same bytes, and its recorded origin. */
function ofVersion(ctx: Context, asked: Asked, row: VersionRow, source: string): Resolved {
  const said = row.body.source.mlflow;
  const modelId = asked.modelId || (said?.modelId ?? '');
  const files = readManifest(ctx.blobs, row.body.digest);
  const named = files.map((file) => ({ ...file, path: file.path || row.body.primary }));
  const { wholeFolder } = row.body;
  return {
    source,
    modelId,
    runId: asked.runId || (said?.runId ?? ''),
    location: files.length > 0 ? downloadUriOf(row) : (said?.location ?? row.body.source.path),
    files: wholeFolder ? named : files,
    wholeFolder,
    logged: modelId === '' ? undefined : loggedModelById(ctx.db, modelId),
  };
}

function ofRuns(ctx: Context, asked: Asked): Resolved {
  const [, id = '', path = ''] = /^runs:\/+([^/]+)\/?(.*)$/i.exec(asked.source) ?? [];
  if (id === '' || id !== asked.runId)
    throw wrong(asked.source, `run_id has to be given and equal to the run of a runs:/ source.`);
  const run = runById(ctx.db, id);
  if (!run) return findSource(ctx, asked, asked.source);
  const inRun = findSource(
    ctx,
    asked,
    path === '' ? run.artifactUri : belowLocation(run.artifactUri, path.replace(/\/+$/, '')),
  );
  if (inRun.files.length > 0) return inRun;
  const logged = inRun.logged;
  return logged ? findSource(ctx, asked, logged.artifactUri) : { ...inRun, location: asked.source };
}

/** Resolves a source in our own store: only versions, and files of the run or logged model that the request names. */
function ofStore(ctx: Context, asked: Asked): Resolved {
  const path = storePath(asked.source);
  if (path === undefined)
    throw wrong(asked.source, `A model version source cannot use the 'mlflow-artifacts' scheme with a host.`);
  const [, model = '', number = ''] = /^versions\/([^/]+)\/(\d+)$/.exec(path) ?? [];
  const row = model === '' ? undefined : versionOf(ctx.db, model, Number(number));
  if (row?.state === 'ready') return ofVersion(ctx, asked, row, asked.source);
  if (below(ctx, asked, asked.source)) return findSource(ctx, asked, asked.source);
  throw wrong(
    asked.source,
    'To use an mlflow-artifacts source, it has to be contained within the artifact directory of the run specified by run_id or of the model specified by model_id.',
  );
}

function ofDisk(ctx: Context, asked: Asked): Resolved {
  if (below(ctx, asked, asked.source)) return findSource(ctx, asked, asked.source);
  throw wrong(
    asked.source,
    'To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.',
  );
}

function below(ctx: Context, { runId, modelId }: Asked, source: string): boolean {
  const tops = [runById(ctx.db, runId)?.artifactUri, loggedModelById(ctx.db, modelId)?.artifactUri];
  const plain = plainUri(source);
  return tops.some((top) => top !== undefined && (plain === plainUri(top) || plain.startsWith(`${plainUri(top)}/`)));
}

function plainUri(uri: string): string {
  return uri
    .replace(/^file:\/*/i, '/')
    .replace(/^mlflow-artifacts:\/+/i, 'mlflow-artifacts:/')
    .replace(/\/+$/, '');
}
