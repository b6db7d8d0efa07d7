import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { artifactAtPath } from '../../../daemon/ingest/artifact/files.ts';
import { fingerprintOf } from '../../../daemon/ingest/artifact/fingerprint.ts';
import { inspector } from '../../../daemon/ingest/inspect/inspector.ts';
import { Executions } from '../../../daemon/ingest/executions/executions.ts';
import { registerArtifact, type Pipeline } from '../../../daemon/ingest/register/pipeline.ts';
import { silent } from '../../../daemon/log.ts';
import type { VersionDetail } from '../../../daemon/protocol/routes/versions.ts';
import { startService, until, type TestService } from '../../support/daemon.ts';

/** Functions for the scripts of a project: they save small models, and write files beside them. */
const helpers = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
mkdirSync('out/churn', { recursive: true });
function save(name, seed) {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }).padEnd(64));
  const length = Buffer.alloc(8); length.writeBigUInt64LE(BigInt(header.length));
  const body = Buffer.alloc(8); body.writeFloatLE(seed);
  writeFileSync('out/churn/' + name + '.safetensors', Buffer.concat([length, header, body]));
}
const write = (name, what) => writeFileSync('out/churn/' + name, JSON.stringify(what));
await sleep(1500);
`;

const isVisible = process.platform === 'linux';

async function project(): Promise<TestService> {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  return service;
}

/** Runs a script in the project's folder and waits for its end. */
async function run(service: TestService, name: string, script: string, ...args: string[]): Promise<void> {
  const folder = realpathSync(service.folder);
  writeFileSync(join(folder, `${name}.mjs`), `${helpers}${script}`);
  const child = spawn(process.execPath, [`${name}.mjs`, ...args], { cwd: folder, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.on('exit', resolve));
}

function detail({ client }: TestService, version: number, model = 'churn'): Promise<VersionDetail> {
  return client.call('GET /models/:model/versions/:version', { model, version: String(version) });
}

const metricsOf = (one: VersionDetail) => one.evidence.filter(({ source }) => source === 'metrics.json');

/** Returns what the version has from metrics.json, once that is used. */
async function told(
  service: TestService,
  version: number,
  model = 'churn',
): Promise<{ auc: unknown; rule: string; reason: string }> {
  const found = await until(
    async () => {
      const one = await detail(service, version, model).catch(() => undefined);
      return one && metricsOf(one).findLast(({ origin }) => origin?.rule !== 'not-used');
    },
    `metrics of version ${version}`,
    30_000,
  );
  return { auc: found.metrics['auc'], rule: found.origin?.rule ?? '', reason: found.origin?.reason ?? '' };
}

function isThere(service: TestService, version: number): Promise<VersionDetail> {
  return until(async () => detail(service, version).catch(() => undefined), `version ${version}`, 30_000);
}

const patience = 90_000;

test.skipIf(!isVisible)(
  'what a process writes before each of its saves is of the model that it saves next',
  async () => {
    const service = await project();
    await run(
      service,
      'train',
      `write('metrics.json', { auc: 0.8 }); await sleep(500); save('churn', 1); await sleep(4000);
       write('metrics.json', { auc: 0.9 }); await sleep(1500); save('fraud', 2); await sleep(3000);`,
    );
    expect(await told(service, 1)).toMatchObject({
      auc: 0.8,
      rule: 'same-run',
      reason: expect.stringMatching('before'),
    });
    expect(await told(service, 1, 'fraud')).toMatchObject({
      auc: 0.9,
      rule: 'same-run',
      reason: expect.stringMatching('before'),
    });
    expect((await detail(service, 1)).version.metrics).toEqual({ auc: 0.8 });
    expect((await detail(service, 1, 'fraud')).version.metrics).toEqual({ auc: 0.9 });
    expect(metricsOf(await detail(service, 1))[0]?.origin?.process?.command).toContain('train.mjs');
  },
  patience,
);

test.skipIf(!isVisible)(
  'what a process writes after each of its saves is of the model that it has saved',
  async () => {
    const service = await project();
    await run(
      service,
      'train',
      `save('churn', 1); await sleep(2000); write('metrics.json', { auc: 0.8 }); await sleep(3000);
       save('fraud', 2); await sleep(2000); write('metrics.json', { auc: 0.9 }); await sleep(2000);`,
    );
    expect(await told(service, 1)).toMatchObject({
      auc: 0.8,
      rule: 'same-run',
      reason: expect.stringMatching('afterwards'),
    });
    expect(await told(service, 1, 'fraud')).toMatchObject({
      auc: 0.9,
      rule: 'same-run',
      reason: expect.stringMatching('afterwards'),
    });
    expect((await detail(service, 1)).version.metrics).toEqual({ auc: 0.8 });
  },
  patience,
);

test.skipIf(!isVisible)(
  'params that lie with the code are of each model that was trained while they stood so, and a file of its name holds measures',
  async () => {
    const service = await project();
    const folder = join(service.out, 'churn');
    mkdirSync(folder, { recursive: true });
    const params = join(folder, 'params.yaml');
    writeFileSync(join(folder, 'train.py'), '');
    writeFileSync(params, 'depth: 1');
    const lastYear = new Date(Date.now() - 3e10);
    utimesSync(params, lastYear, lastYear);
    const script = (seed: number): string =>
      `save('churn', ${seed}); write('churn.json', { accuracy: 0.${seed}, n_features: 3, score_threshold: 0.4 }); await sleep(1000);`;
    await run(service, 'train', script(8));
    await until(async () => (await isThere(service, 1)).version.metrics['accuracy'] === 0.8, 'its accuracy');
    await new Promise((resolve) => setTimeout(resolve, 5500));
    writeFileSync(params, 'depth: 3');
    await run(service, 'train', script(9));
    const second = await until(async () => {
      const one = await isThere(service, 2);
      return one.version.metrics['accuracy'] === 0.9 && one.version;
    }, 'the second');
    expect([second.metrics, second.params]).toEqual([{ accuracy: 0.9 }, { depth: 3 }]);
    const { version: first } = await detail(service, 1);
    expect([first.metrics, first.params]).toEqual([{ accuracy: 0.8 }, { depth: 1 }]);
  },
  patience,
);

test.skipIf(!isVisible)(
  'a script that names the model and writes metrics afterwards has evaluated it',
  async () => {
    const service = await project();
    await run(service, 'train', `save('churn', 1); await sleep(1000); save('other', 2); await sleep(1000);`);
    await isThere(service, 1);
    await run(
      service,
      'evaluate',
      `write('metrics.json', { auc: 0.7 }); await sleep(500);`,
      'out/churn/churn.safetensors',
    );
    const { items } = await until(
      async () => {
        const page = await service.client.call('GET /models', {});
        return page.items.some(({ current }) => current?.metrics['auc'] === 0.7) && page;
      },
      'the evaluation',
      30_000,
    );
    const evaluated = items.filter(({ current }) => current?.metrics['auc'] === 0.7);
    expect(evaluated).toHaveLength(1);
    const model = evaluated[0]!.name;
    const one = await service.client.call('GET /models/:model/versions/:version', { model, version: '1' });
    expect(one.version.primary).toBe('churn.safetensors');
    expect(metricsOf(one).at(-1)?.origin).toMatchObject({ rule: 'evaluated' });
  },
  patience,
);

test.skipIf(!isVisible)(
  'what another training wrote before it saved its own model is not of the earlier one',
  async () => {
    const service = await project();
    await run(service, 'train', `save('model_1', 1); await sleep(1000);`);
    await isThere(service, 1);
    await run(
      service,
      'retrain',
      `write('metrics.json', { auc: 0.9 }); await sleep(3000); save('model_2', 2); await sleep(2000);`,
    );
    expect(await told(service, 2)).toMatchObject({ auc: 0.9, rule: 'same-run' });
    expect((await detail(service, 1)).version.metrics).toEqual({});
    const why = await service.client.call('GET /why', { path: join(service.out, 'churn', 'metrics.json') });
    expect(why.reason).toMatch(/evidence of \w+@2, same run/);
  },
  patience,
);

test(
  'where no process can be seen, evidence goes by service, and a state counts for one version only',
  async () => {
    const service = await startService();
    const root = join(realpathSync(service.folder), 'out');
    mkdirSync(join(root, 'churn'));
    const controller = new AbortController();
    const ctx = service.daemon.context;
    const executions = new Executions({
      ctx: { log: silent, now: Date.now },
      roots: () => [root],
      isVisible: false,
      signal: controller.signal,
    });
    const inspecting = inspector();
    onTestFinished(async () => {
      controller.abort();
      await Promise.all([executions.close(), inspecting.close()]);
    });
    const disk = diskView();
    const pipeline: Pipeline = {
      ctx,
      disk,
      executions,
      inspector: inspecting,
      lineages: { capture: () => undefined },
      reports: { take: () => undefined },
      judgeLater: () => undefined,
    };
    const path = join(root, 'churn', 'model.safetensors');
    const register = async (seed: number) => {
      await run({ ...service, folder: service.folder }, 'train', `save('model', ${seed});`);
      const files = artifactAtPath(disk, root, path)!;
      const found = await inspecting.inspect(files);
      if (!('facts' in found)) throw new Error('it is no model');
      const artifact = { files, fingerprint: fingerprintOf(files)!, facts: found.facts, hasEndMarker: true };
      return registerArtifact(pipeline, { caller: { actor: 'test' }, artifact, model: 'churn', kind: 'watch' });
    };
    writeFileSync(join(root, 'churn', 'metrics.json'), '{"auc": 0.8}');
    const first = await register(1);
    expect(first.evidence.map(({ source, origin }) => [source, origin.rule])).toEqual([['metrics.json', 'by-place']]);
    const second = await register(2);
    expect(second.evidence.map(({ origin }) => [origin.rule, origin.reason])).toEqual([
      ['not-used', 'it was written by an earlier training and is evidence of churn@1'],
    ]);
    expect(second.version).toMatchObject({ number: 2, metrics: {} });
  },
  patience,
);
