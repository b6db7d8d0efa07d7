import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { artifactAtPath } from '../../../daemon/ingest/artifact/files.ts';
import { GivenNames } from '../../../daemon/ingest/artifact/given-names.ts';
import { inspector } from '../../../daemon/ingest/inspect/inspector.ts';
import { TrackerNames } from '../../../daemon/ingest/artifact/tracker-names.ts';
import type { SettledArtifact } from '../../../daemon/ingest/artifact/types.ts';
import { Artifacts } from '../../../daemon/ingest/artifact/artifact-state.ts';
import { ownEarly } from '../../../daemon/ingest/settle/own-early.ts';
import { Settler } from '../../../daemon/ingest/settle/settler.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { rulesOnDisk } from '../../../daemon/policy/watch-rules.ts';
import { defaultTiming } from '../../../daemon/runtime/timing.ts';
import { startService, until, startWarmService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

function save(path: string, seed: number): void {
  const head = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(64);
  const bytes = Buffer.alloc(8 + 64 + 4);
  bytes.writeBigUInt64LE(64n);
  bytes.write(head, 8);
  bytes.writeFloatLE(seed, 72);
  writeFileSync(path, bytes);
}

test('a finished save is owned although the decision about another save of its model takes long', async () => {
  const { daemon, out } = await startService();
  const ctx = daemon.context;
  const disk = diskView();
  const inspecting = inspector(false);
  onTestFinished(() => inspecting.close());
  const naming = {
    disk,
    rules: rulesOnDisk(),
    trackers: new TrackerNames(disk),
    names: new GivenNames(ctx.db, () => undefined),
  };
  const gate = Promise.withResolvers<void>();
  const decided: SettledArtifact[] = [];
  const owned: string[] = [];
  const settler = new Settler(
    {
      ...naming,
      ctx,
      timing: { ...defaultTiming, quietMs: 0 },
      inspector: inspecting,
      artifacts: new Artifacts(ctx),
      ownEarly: (artifact) =>
        ownEarly({ ctx, rules: naming.rules }, artifact).finally(() => owned.push(artifact.files.path)),
      lineages: { notice: () => undefined },
      signal: new AbortController().signal,
    },
    async (artifact) => {
      decided.push(artifact);
      await gate.promise;
      return {};
    },
  );
  const paths = ['last', 'best'].map((name) => join(out, 'churn', `${name}.safetensors`));
  mkdirSync(join(out, 'churn'));
  for (const [at, path] of paths.entries()) {
    save(path, at + 1);
    settler.enqueue(artifactAtPath(disk, out, path)!);
  }
  settler.inspectDue();
  const second = paths[1] ?? '';
  await until(() => decided.length === 1, 'the first decision');
  await until(() => owned.includes(second), 'the bytes of the second');
  save(second, 9);
  gate.resolve();
  const late = await until(() => decided.find(({ files }) => files.path === second), 'the second decision');
  const [file] = late.stored ?? [];
  expect(ctx.blobs.read(`sha256:${file?.sha256}`).readFloatLE(72)).toBe(2);
});

test.skipIf(process.platform !== 'linux')(
  'a save that stood for more than a second and was overwritten before anything was done with it is listed so',
  async () => {
    const service = await startWarmService({ timing: { quietMs: 3000 } });
    await train(
      service.folder,
      `save('out/churn/churn.safetensors', 1); await sleep(1500); save('out/churn/churn.safetensors', 2); await sleep(200);`,
    ).ended;
    const saves = await until(
      async () => {
        await sleep(100);
        const { runs } = await service.client.call('GET /runs', {});
        const found = runs.flatMap((run) => run.saves);
        return found.some(({ version }) => version !== null) && found;
      },
      'the version',
      20_000,
    );
    expect(saves.map(({ lost, version }) => [lost, version])).toEqual([
      ['It was overwritten before it was kept.', null],
      [null, 'churn@1'],
    ]);
  },
  40_000,
);
