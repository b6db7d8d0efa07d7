import { readManifest } from '../../blobs/manifest.ts';
import type { Context } from '../../context.ts';
import { runAt } from '../../db/artifacts.ts';
import { evidenceOf } from '../../db/evidence.ts';
import { lineageOf } from '../../db/lineage.ts';
import { versionView, type VersionRow } from '../../db/versions.ts';
import { RegistryError } from '../../errors.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { ComparedColumn } from '../../protocol/comparison.ts';
import type { VersionBody } from '../../protocol/events.ts';
import type { Json } from '../../protocol/json.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { ManifestFile } from '../../protocol/model.ts';
import { countedEvidence } from '../../shared/evidence.ts';
import { runFolderIn, runReference, splitReference } from '../../shared/references.ts';
import { durationOf } from '../../shared/runs/run-status.ts';
import { findReference, labelOf } from '../versions/resolve.ts';
import { comparedRun } from './compared-run.ts';
import { shownEvidence } from './evidence.ts';

/** A compared version or run, with all its data. */
export interface Column {
  about: ComparedColumn;
  /** Null for a run. */
  version: VersionRow | null;
  metrics: Record<string, number | string>;
  params: Record<string, Json>;
  evidence: Evidence[];
  artifact: ModelFacts | null;
  lineage: Lineage | null;
  files: ManifestFile[];
}

/** Loads the version or run of a reference: `churn@7` in its forms, or `run:`. Throws `not-found`. */
export function columnOf(ctx: Context, reference: string): Column {
  const folder = runFolderIn(reference);
  if (folder !== undefined) return runColumn(ctx, folder);
  const { model, version } = splitReference(reference);
  return versionColumn(ctx, findReference(ctx, model, version ?? 'latest'));
}

function runColumn(ctx: Context, folder: string): Column {
  const run = comparedRun(ctx, folder);
  const about: ComparedColumn = {
    reference: runReference(folder),
    kind: 'run',
    model: null,
    number: null,
    state: run.status,
    stage: null,
    aliases: [],
    createdAt: run.startedAt,
    trainedAt: run.endedAt ?? run.updatedAt,
    durationMs: durationOf(run, run.updatedAt),
    actor: null,
    run: run.folder,
    missing: ['A run has metrics and params; the rest is known of versions.'],
  };
  const { metrics, params } = run;
  return { about, version: null, metrics, params, evidence: [], artifact: null, lineage: null, files: [] };
}

function versionColumn(ctx: Context, version: VersionRow): Column {
  const { model, number, state, stage, aliases, createdAt, source } = versionView(ctx.db, version);
  const missing: string[] = [];
  const kept = <T>(what: string, read: () => T): T | null => orMissing(missing, what, read);
  const found = lineageOf(ctx.db, version.model, number);
  if (!found) missing.push('Where it came from was not looked for.');
  const text = (digest: string): string => ctx.blobs.read(digest).toString('utf8');
  const artifact = kept('What its files hold', () => JSON.parse(text(version.body.facts)) as ModelFacts);
  const lineage = found ? kept('Where it came from', () => JSON.parse(text(found.digest)) as Lineage) : null;
  const files = kept('The list of its files', () => readManifest(ctx.blobs, version.body.digest)) ?? [];
  if (state !== 'ready') missing.push(`The version is ${state}.`);
  const reference = labelOf(ctx, version);
  const attached = evidenceOf(ctx.db, version.model, number);
  const evidence = countedEvidence(attached).map((one) => shownEvidence(ctx, one));
  return {
    about: {
      reference,
      kind: 'version',
      model,
      number,
      state,
      stage,
      aliases,
      createdAt,
      trainedAt: source.writtenAt,
      durationMs: trainingTime(ctx, source, lineage),
      actor: version.actor,
      run: source.run,
      missing,
    },
    version,
    metrics: record(...evidence.map((one) => one.metrics), version.metrics),
    params: record(...evidence.map((one) => one.params), version.params),
    evidence,
    artifact,
    lineage,
    files,
  };
}

/** Returns how long the training took until it wrote the version, by its run or else by its process; null if neither is known. */
function trainingTime(ctx: Context, { run, writtenAt }: VersionBody['source'], lineage: Lineage | null): number | null {
  const known = run === null ? undefined : runAt(ctx.db, run);
  const from = known?.startedAt ?? lineage?.process?.startedAt ?? null;
  const to = known?.endedAt ?? writtenAt;
  return from === null || to === null || to <= from ? null : to - from;
}

/** Merges records, the last overriding, into one without a prototype. */
function record<T>(...parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, ...parts) as Record<string, T>;
}

/** Reads a section. A missing or damaged blob makes only that section null, with a sentence in `missing`. */
function orMissing<T>(missing: string[], what: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    missing.push(`${what} cannot be read: ${error.message}`);
    return null;
  }
}
