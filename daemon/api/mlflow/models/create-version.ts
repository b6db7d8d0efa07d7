import type { Caller, Context } from '../../../context.ts';
import { runById } from '../../../db/tracking/runs.ts';
import { latestMetrics } from '../../../db/tracking/metrics.ts';
import { pairsOf, type Pair } from '../../../db/tracking/pairs.ts';
import type { VersionRow } from '../../../db/versions.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { metricJson } from '../../../protocol/json.ts';
import { registerVersion, type NewEvidence } from '../../../registry/versions/register.ts';
import { lineageOfRun } from '../../../tracking/run-lineage.ts';
import { noteVersion } from '../../../tracking/logged-models.ts';
import { settleUploads } from '../../../tracking/upload-group.ts';
import { write } from '../../../tracking/write.ts';
import { isPrompt } from '../../../protocol/prompt.ts';
import type { Service } from '../../service.ts';
import { modelNamed } from '../lookup.ts';
import { createPromptVersion } from './prompt-version.ts';
import { checkDescription, checkTag, tagged } from '../tags.ts';
import { resolveSource, type Asked } from './version-source.ts';
import { downloadUriOf } from './stored-version.ts';

interface NewVersion extends Asked {
  name: string;
  runLink: string;
  description: string;
  tags: readonly Pair[];
}

/**
 * Makes a version of a client's upload, or records one whose bytes are stored elsewhere. It always gets a number of its own. Its
 * evidence is the run that the request names.
 */
export async function createVersion(
  service: Service,
  caller: Caller,
  asked: NewVersion,
): Promise<{ model: string; number: number }> {
  const { ctx, ingest } = service;
  const model = modelNamed(ctx, asked.name);
  if (isPrompt({ tags: tagged(asked.tags) }))
    return { model: model.name, number: await createPromptVersion(ctx, caller, model, asked) };
  const tags = tagged(asked.tags.map(checkTag));
  await settleUploads(ctx);
  const resolved = resolveSource(ctx, asked);
  const { source, location, runId, modelId, files } = resolved;
  const { facts, primary } = await ingest.factsOfStored(files);
  const { version } = await registerVersion(ctx, caller, {
    model: model.name,
    files,
    primary: primary || (location.split('/').at(-1) ?? ''),
    wholeFolder: resolved.wholeFolder,
    facts: files.length > 0 ? facts : withExternalBytes(facts, location),
    source: {
      kind: 'mlflow',
      path: source,
      run: null,
      writtenAt: null,
      mlflow: { source, location, runId, runLink: asked.runLink, modelId },
    },
    evidence: evidenceOfRun(ctx, runId),
    again: true,
    description: checkDescription(asked.description),
    tags,
  });
  const run = runId === '' ? undefined : runById(ctx.db, runId);
  if (run)
    await ingest.recordLineage(caller, { model: model.name, number: version.number }, lineageOfRun(ctx, run, files));
  const { logged } = resolved;
  if (logged) await write(ctx, () => noteVersion(ctx, logged, model.name, version.number));
  return { model: model.name, number: version.number };
}

/** Adds the problem `no-bytes` for bytes that are stored elsewhere. It is shown with the version, and fails gates that require the bytes. */
function withExternalBytes(facts: ModelFacts, location: string): ModelFacts {
  const message = `Its bytes are stored elsewhere (${location.slice(0, 500)}), so Plinth does not store or verify them.`;
  return { ...facts, problems: [{ code: 'no-bytes', message }] };
}

function evidenceOfRun(ctx: Context, runId: string): NewEvidence[] {
  const run = runId === '' ? undefined : runById(ctx.db, runId);
  if (!run) return [];
  const metrics = latestMetrics(ctx.db, run.id).map(({ key, value }) => [key, metricJson(value)]);
  const params = pairsOf(ctx.db, 'runParams', run.id).map(({ key, value }) => [key, value]);
  const tags = pairsOf(ctx.db, 'runTags', run.id).map(({ key, value }) => [key, value]);
  return [
    {
      source: `mlflow run ${run.name}`,
      metrics: Object.fromEntries(metrics) as NewEvidence['metrics'],
      params: Object.fromEntries(params) as NewEvidence['params'],
      more: { run: run.runId, tags: Object.fromEntries(tags) as Record<string, string> },
      origin: { rule: 'given', reason: 'the client that made the version named the run' },
    },
  ];
}

/** Returns the URI from which clients load a version: that of its own bytes, which never change, else their location elsewhere. */
export function downloadUri(version: VersionRow): string {
  const { body } = version;
  if (body.files > 0) return downloadUriOf(version);
  return body.source.mlflow?.location ?? body.source.path;
}
