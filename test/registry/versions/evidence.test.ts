import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { EvidenceOrigin, EvidenceRule } from '../../../daemon/protocol/evidence.ts';
import type { GateReport } from '../../../daemon/protocol/policy.ts';
import { rebuild, derivedDigest } from '../../../daemon/db/rebuild.ts';
import { addEvidence } from '../../../daemon/registry/versions/register.ts';
import { mainScript } from '../../support/program.ts';
import { copySample, startService, type TestService } from '../../support/daemon.ts';

const reasons: Partial<Record<EvidenceRule, string>> = {
  'not-used': 'it was written by an earlier training and is evidence of iris@1',
};

function origin(rule: EvidenceRule, more: Partial<EvidenceOrigin> = {}): EvidenceOrigin {
  return { rule, reason: reasons[rule] ?? 'a test says so', ...more };
}

/** Registers two versions of iris below a plinth.yaml. No evidence of theirs has an auc. */
async function irises(gates: string): Promise<TestService> {
  const service = await startService();
  mkdirSync(join(service.out, '.git'));
  writeFileSync(join(service.out, 'plinth.yaml'), `models:\n  - match: iris\n${gates}`);
  for (const run of ['v1', 'v2']) {
    const path = copySample(`sklearn/iris-script/outputs/${run}/model.joblib`, join(service.out, run, 'model.joblib'));
    await service.client.call('POST /register', { path, model: 'iris' });
  }
  return service;
}

function tell(
  { daemon }: TestService,
  version: number,
  source: string,
  metrics: Record<string, number>,
  of?: EvidenceOrigin,
) {
  const evidence = { source, metrics, params: {}, origin: of as EvidenceOrigin };
  return addEvidence(daemon.context, { actor: 'watcher' }, 'iris', String(version), evidence);
}

async function gate({ client }: TestService, version: string): Promise<GateReport['gates'][number] | undefined> {
  const about = { model: 'iris', version, stage: 'production' };
  const verdict = await client.call('GET /models/:model/versions/:version/gates', about);
  return verdict.gates.find(({ gate: name }) => name.startsWith('metric'));
}

async function detail({ client }: TestService, version: string) {
  return client.call('GET /models/:model/versions/:version', { model: 'iris', version });
}

const metricGate = `    gates:\n      production:\n        - { gate: metric, metric: auc, at_least: 0.9 }\n`;

test('a gate fails on a metric that only evidence of another version has, and says why', async () => {
  const service = await irises(metricGate);
  await tell(service, 2, 'metrics.json', { auc: 0.95 }, origin('not-used'));
  expect(await gate(service, '2')).toMatchObject({
    outcome: 'failed',
    detail: expect.stringContaining(
      'metrics.json not used: it was written by an earlier training and is evidence of iris@1',
    ),
  });
  const { version, evidence } = await detail(service, '2');
  expect(version.metrics).not.toHaveProperty('auc');
  expect(evidence.at(-1)).toMatchObject({
    source: 'metrics.json',
    metrics: { auc: 0.95 },
    origin: { rule: 'not-used' },
  });
});

test('a gate says which source and rule its number is from, and where the origin is unknown', async () => {
  const service = await irises(metricGate);
  await tell(service, 2, 'metrics.json', { auc: 0.95 }, origin('same-run'));
  expect(await gate(service, '2')).toMatchObject({
    outcome: 'passed',
    detail: expect.stringContaining('from metrics.json (same run)'),
  });
  await tell(service, 1, 'metrics.json', { auc: 0.95 });
  expect((await gate(service, '1'))?.detail).toContain('from metrics.json (of unknown origin)');
});

test.each([
  ['same-run', 'passed'],
  ['evaluated', 'passed'],
  ['given', 'passed'],
  ['inside', 'passed'],
  ['beside', 'failed'],
  ['by-place', 'failed'],
] as const)('strict evidence: %s has %s', async (rule, outcome) => {
  const service = await irises(`    evidence: strict\n${metricGate}`);
  await tell(service, 2, 'metrics.json', { auc: 0.95 }, origin(rule));
  const found = await gate(service, '2');
  expect(found?.outcome).toBe(outcome);
  if (outcome === 'failed') expect(found?.detail).toContain('which strict evidence leaves out');
});

test('a gate’s own word on evidence goes before the model’s', async () => {
  const gates = metricGate.replace('0.9 }', '0.9, evidence: any }');
  const service = await irises(`    evidence: strict\n${gates}`);
  await tell(service, 2, 'metrics.json', { auc: 0.95 }, origin('beside'));
  expect((await gate(service, '2'))?.outcome).toBe('passed');
});

test('what the artifact says of a metric comes before a series of that name, whichever came last', async () => {
  const service = await irises('');
  await tell(service, 2, 'artifact', { auc: 0.9 }, origin('inside'));
  await tell(service, 2, 'log.csv', { auc: 0.8, loss: 1 }, origin('same-run', { isSeries: true }));
  expect((await detail(service, '2')).version.metrics).toMatchObject({ auc: 0.9, loss: 1 });
  await tell(service, 2, 'eval.json', { auc: 0.85 }, origin('evaluated'));
  expect((await detail(service, '2')).version.metrics).toMatchObject({ auc: 0.85, loss: 1 });
});

test('what does not count never hides what counts, of the same source as well', async () => {
  const service = await irises('');
  await tell(service, 2, 'metrics.json', { auc: 0.9 }, origin('same-run'));
  await tell(service, 2, 'metrics.json', { auc: 0.5 }, origin('not-used'));
  const { version, evidence } = await detail(service, '2');
  expect(version.metrics['auc']).toBe(0.9);
  expect(evidence.filter(({ origin: of }) => of?.rule === 'not-used')).toEqual([]);
});

test('evidence that was detached counts no longer, until that is undone; a rebuild agrees', async () => {
  const service = await irises('');
  await tell(service, 2, 'metrics.json', { auc: 0.9 }, origin('beside'));
  const about = { model: 'iris', version: '2', source: 'metrics.json', reason: 'of another training' };
  const { seq } = await service.client.call('POST /models/:model/versions/:version/detach', about);
  const detached = await detail(service, '2');
  expect(detached.version.metrics).not.toHaveProperty('auc');
  expect(detached.evidence.map(({ source }) => source)).not.toContain('metrics.json');
  await tell(service, 2, 'metrics.json', { auc: 0.9 }, origin('beside'));
  expect((await detail(service, '2')).version.metrics).not.toHaveProperty('auc');
  const { db } = service.daemon.context;
  const before = derivedDigest(db);
  rebuild(db);
  expect(derivedDigest(db)).toBe(before);
  await service.client.call('POST /undo', { seq });
  expect((await detail(service, '2')).version.metrics['auc']).toBe(0.9);
  await expect(service.client.call('POST /undo', { seq })).rejects.toThrow('superseded');
  await expect(
    service.client.call('POST /models/:model/versions/:version/detach', { ...about, source: 'none.json' }),
  ).rejects.toThrow('iris@2 has no evidence from none.json');
});

test('the command line shows the rule of each number, detaches and takes that back', async () => {
  const service = await irises('');
  await tell(service, 2, 'metrics.json', { auc: 0.9 }, origin('beside'));
  await tell(service, 2, 'old.json', { auc: 0.1 }, origin('not-used'));
  const plinth = (...args: string[]) =>
    promisify(execFile)(process.execPath, [mainScript, ...args], {
      env: { ...process.env, PLINTH_DATA: join(service.folder, 'data') },
    });
  const shown = await plinth('show', 'iris@2');
  expect(shown.stdout).toMatch(/auc +0\.9 +metrics\.json \(beside the artifact\)/);
  expect(shown.stdout).toContain('old.json not used: it was written by an earlier training and is evidence of iris@1');
  expect((await plinth('detach', 'iris@2', 'metrics.json')).stdout).toContain('detached metrics.json from iris@2');
  expect((await plinth('show', 'iris@2')).stdout).not.toContain('0.9');
});
