import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobStore } from '../../daemon/blobs/store.ts';
import type { Caller, Context } from '../../daemon/context.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { modelByName, type ModelRow } from '../../daemon/db/models.ts';
import { versionOf, type VersionRow } from '../../daemon/db/versions.ts';
import { silent } from '../../daemon/log.ts';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import type { Lineage } from '../../daemon/protocol/lineage.ts';
import { writeCard } from '../../daemon/registry/versions/card.ts';
import { committer } from '../../daemon/registry/commit.ts';
import { promote } from '../../daemon/registry/pointers/promote.ts';
import { addReport, registerVersion, type StoredArtifact } from '../../daemon/registry/versions/register.ts';
import { effectivePolicyOf, gateReportOf, gateReportsOf } from '../../daemon/registry/gates/report.ts';
import { row, type Row } from './place.ts';
import { given } from '../support/evidence.ts';

const many = 10_000;
const batch = 100;
const caller: Caller = { actor: 'ana/bench' };
const place = { kind: 'stage' as const, name: 'production' };

const gates = `
        - { gate: metric, metric: accuracy, at_least: 0.1 }
        - { gate: metric, metric: f1, at_least: 0.1 }
        - { gate: metric, metric: loss, at_most: 99 }
        - { gate: no_regression, metric: accuracy, tolerance: 1% }
        - { gate: no_regression, metric: f1, tolerance: 0.5 }
        - { gate: no_regression, metric: loss, tolerance: 1 }
        - { gate: improvement, metric: auc, by: 0 }
        - { gate: slices, file: fairness.csv, group: sex, metric: accuracy, worst: 0.5, gap: 0.2 }
        - { gate: same_data }
        - { gate: budget, metric: latency_ms, at_most: 20 }
        - { gate: budget, size: true, at_most: 500 MB }
        - { gate: card, fields: [license] }
        - { gate: tags, keys: [dataset] }
        - { gate: evidence, files: [fairness.csv] }
        - { gate: pickle }
        - { gate: git, branch: main }
        - { gate: lineage, needs: [code, data] }
        - { gate: age, at_most: 30d }
        - { gate: signature }
        - { gate: approvals, count: 2 }`;

const facts: ModelFacts = {
  framework: 'bench',
  frameworkVersion: null,
  format: 'bytes',
  modelClass: null,
  parameterCount: null,
  tensors: [],
  tensorsTotal: 0,
  pickle: null,
  signature: { inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 4] }], outputs: [] },
  params: {},
  metrics: {},
  epoch: null,
  step: null,
  metadata: {},
  problems: [],
};

const lineage: Lineage = {
  takenAt: 0,
  code: {
    repository: '/r',
    remote: null,
    commit: 'c'.repeat(40),
    branch: 'main',
    changed: false,
    untracked: [],
    known: 'now',
  },
  process: null,
  environment: null,
  data: [{ path: 'data/test.csv', size: 1, digest: 'sha256:a', rows: null, columns: null, named: 'data' }],
  seeds: {},
  captured: [],
  missing: [],
};

/** Measures the evaluation of twenty declarative gates, for one version and for all versions of a model. */
export async function gating(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const { ctx, end } = open(folder);
  const model = await filled(ctx, folder);
  const effective = await effectivePolicyOf(ctx, model);
  const one: number[] = [];
  for (let number = 2; number < 102; number += 1) {
    const began = performance.now();
    const report = gateReportOf(ctx, model, versionAt(ctx, model, number), place, effective);
    one.push(performance.now() - began);
    if (report.gates.length !== 20) throw new Error(`${report.gates.length} gates were weighed`);
  }
  const began = performance.now();
  const reports = await gateReportsOf(ctx, model, place, effective);
  const took = performance.now() - began;
  if (reports.length !== many) throw new Error(`${reports.length} versions were weighed`);
  await end();
  const slowest = Math.max(...one);
  const seconds = took / 1000;
  return [
    row('20 declarative gates, the slowest of 100 gate reports', '≤ 20 ms', `${slowest.toFixed(1)} ms`, slowest <= 20),
    row('the same 20 gates over 10,000 versions', '≤ 2 s', `${seconds.toFixed(2)} s`, seconds <= 2),
  ];
}

function open(folder: string): { ctx: Context; end: () => Promise<void> } {
  const db = openDatabase(join(folder));
  const blobs = openBlobStore(folder);
  const { commit } = committer(db, Date.now, () => undefined);
  const ctx: Context = { db, blobs, log: silent, now: Date.now, commit, publish: () => undefined };
  const end = async (): Promise<void> => {
    await blobs.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ctx, end };
}

/** Makes a model with rules, a card, and versions that each have metrics, a table of groups and a lineage of their own. */
async function filled(ctx: Context, folder: string): Promise<ModelRow> {
  const out = join(folder, 'project');
  mkdirSync(join(out, '.git'), { recursive: true });
  writeFileSync(join(out, 'plinth.yaml'), 'models: [{ match: bench, gates: { production: [] } }]\n');
  const report = ctx.blobs.put(Buffer.from('sex,accuracy\nf,0.9\nm,0.85\n'));
  const ofLineage = ctx.blobs.put(Buffer.from(JSON.stringify(lineage)));
  for (let number = 1; number <= many; number += batch) {
    const numbers = Array.from({ length: batch }, (_, index) => number + index);
    await Promise.all(numbers.map((one) => registerVersion(ctx, caller, artifact(ctx, out, one))));
    const attached = { source: 'fairness.csv', digest: report };
    await Promise.all(
      numbers.map((one) => addReport(ctx, caller, 'bench', String(one), { ...attached, origin: given })),
    );
  }
  const model = modelByName(ctx.db, 'bench');
  if (!model) throw new Error('the model is missing');
  await ctx.commit(caller, () => ({
    events: Array.from({ length: many }, (_, index) => ({
      type: 'version.lineage/1' as const,
      body: { model: model.id, number: index + 1, digest: ofLineage, blobs: [], summary },
    })),
    result: () => null,
  }));
  await writeCard(ctx, caller, 'bench', '---\nlicense: MIT\n---\n');
  await promote(ctx, caller, 'bench', '1', { ...place, reason: '' });
  writeFileSync(
    join(out, 'plinth.yaml'),
    `models:\n  - match: bench\n    metrics: { latency_ms: lower }\n    gates:\n      production:${gates}\n`,
  );
  return model;
}

const summary = { commit: 'c', branch: 'main', changed: false, python: null, packages: 0, command: null, data: 1 };

function artifact(ctx: Context, out: string, number: number): StoredArtifact {
  const bytes = Buffer.from('the same bytes');
  const sha256 = ctx.blobs.put(bytes).slice('sha256:'.length);
  const value = 0.8 + number / 1_000_000;
  const metrics = { accuracy: value, f1: value, auc: value, loss: 1 - value, latency_ms: 7 };
  return {
    model: 'bench',
    files: [{ path: '', size: bytes.length, sha256 }],
    primary: 'model.bin',
    wholeFolder: false,
    facts,
    source: { kind: 'hand', path: join(out, 'model.bin'), run: null, writtenAt: null },
    evidence: [{ source: 'metrics.json', metrics, params: { seed: number }, origin: given }],
    again: true,
    tags: { dataset: 'a' },
  };
}

function versionAt(ctx: Context, model: ModelRow, number: number): VersionRow {
  const found = versionOf(ctx.db, model.id, number);
  if (!found) throw new Error(`v${number} is missing`);
  return found;
}
