import type { Client } from '../../daemon/clients/client/request.ts';
import { readModels } from '../../daemon/clients/client/read-models.ts';
import type { CompareRow } from '../../daemon/protocol/comparison.ts';
import type { Model, PointerKind, Version } from '../../daemon/protocol/model.ts';
import type { VersionDetail } from '../../daemon/protocol/routes/versions.ts';
import { summarizeComparison } from '../../daemon/shared/comparison-summary.ts';
import { readAllPages } from '../../daemon/shared/paging.ts';
import { modelUri, referenceTo, splitReference, uriReference } from '../../daemon/shared/references.ts';
import type {
  PlinthComparison,
  PlinthDifference,
  PlinthFiles,
  PlinthModel,
  PlinthPointer,
  PlinthVersion,
} from './plinth.d.ts';

/** What the API for other extensions reads, in its form. No VS Code here; loaded when the first call comes. */

type Caller = Pick<Client, 'call'>;

export async function listModels(client: Caller): Promise<PlinthModel[]> {
  return (await readModels(client)).map(publicModel);
}

export async function listVersions(client: Caller, model: string): Promise<PlinthVersion[]> {
  const read = (page: object) => client.call('GET /models/:model/versions', { model, ...page });
  return (await readAllPages(read)).items.map(publicVersion);
}

export async function resolveVersion(client: Caller, reference: string): Promise<PlinthVersion> {
  return publicVersion((await client.call('GET /models/:model/versions/:version', partsOf(reference))).version);
}

/** `place` puts the files of a version on this machine and returns their path. */
export async function readFiles(
  client: Caller,
  reference: string,
  place: (detail: VersionDetail) => Promise<string>,
): Promise<PlinthFiles> {
  const detail = await client.call('GET /models/:model/versions/:version', partsOf(reference));
  const { version, files } = detail;
  const path = await place(detail);
  const listed = files.map((file) => ({ path: file.path || version.primary, size: file.size, sha256: file.sha256 }));
  return { version: publicVersion(version), path, isFolder: version.wholeFolder, files: listed };
}

export async function compareVersions(client: Caller, references: readonly string[]): Promise<PlinthComparison> {
  const versions = references.map((one) => {
    const { model, version } = partsOf(one);
    return referenceTo(model, version);
  });
  const comparison = await client.call('GET /compare', { versions: versions.join(',') });
  return {
    versions: comparison.versions,
    summaries: comparison.versions.slice(1).map((_, index) => summarizeComparison(comparison, index + 1)),
    metrics: comparison.metrics.map(publicRow),
    params: comparison.params.map(publicRow),
  };
}

/** Splits a reference or MLflow's URI of a version for routes. Without a version it means the newest. */
export function partsOf(text: string): { model: string; version: string } {
  const { model, version = 'latest' } = uriReference(text) ?? splitReference(text);
  return { model, version };
}

function publicModel({ name, description, tags, versions, latest, primaryMetric, pointers }: Model): PlinthModel {
  const of = (wanted: PointerKind): PlinthPointer[] =>
    pointers
      .filter(({ kind }) => kind === wanted)
      .map((pointer) => ({ name: pointer.name, version: pointer.holder ?? undefined }));
  return {
    name,
    description,
    tags,
    versions,
    latest: latest ?? undefined,
    primaryMetric: primaryMetric
      ? { name: primaryMetric.name, better: primaryMetric.direction ?? undefined }
      : undefined,
    stages: of('stage'),
    aliases: of('alias'),
  };
}

function publicVersion(version: Version): PlinthVersion {
  const { model, number, stage, aliases, state, description, tags, metrics, params } = version;
  const { framework, createdAt, actor: author, digest, size } = version;
  return {
    model,
    number,
    reference: referenceTo(model, number),
    uri: modelUri(model, number),
    stage,
    aliases,
    isIntact: state === 'ready',
    description,
    tags,
    metrics,
    params,
    framework,
    createdAt,
    author,
    digest,
    size,
  };
}

function publicRow({ name, values, differs, better }: CompareRow): PlinthDifference {
  return { name, values, differs, better };
}
