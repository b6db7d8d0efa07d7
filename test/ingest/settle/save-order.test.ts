import { cpSync, mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { artifactAtPath } from '../../../daemon/ingest/artifact/files.ts';
import { GivenNames } from '../../../daemon/ingest/artifact/given-names.ts';
import { Artifacts } from '../../../daemon/ingest/artifact/artifact-state.ts';
import { TrackerNames } from '../../../daemon/ingest/artifact/tracker-names.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { inspector } from '../../../daemon/ingest/inspect/inspector.ts';
import { Settler } from '../../../daemon/ingest/settle/settler.ts';
import { rulesOnDisk } from '../../../daemon/policy/watch-rules.ts';
import { defaultTiming } from '../../../daemon/runtime/timing.ts';
import { samples, startService, until } from '../../support/daemon.ts';
import { safetensorsFile } from '../../registry/safetensors-file.ts';

const start = 1_700_000_000_000;

/** A settler with a clock of its own, which lists the folders of the saves in the order in which they are decided about. */
async function settling(): Promise<{
  write(folder: string, name: string, bytes: Buffer, writtenAt: number): string;
  /** Copies a pipeline of spaCy, which has no end mark. */
  copy(folder: string, writtenAt: number): string;
  enqueue(path: string): void;
  /** Sets the clock, and inspects what is due until all that was due at that time was looked at. */
  at(ms: number): Promise<void>;
  decided: string[];
}> {
  const { daemon, out } = await startService();
  const ctx = { ...daemon.context, now: () => clock };
  let clock = start;
  const disk = diskView();
  const inspecting = inspector(false);
  onTestFinished(() => inspecting.close());
  const decided: string[] = [];
  let inspected = 0;
  const settler = new Settler(
    {
      disk,
      rules: rulesOnDisk(),
      trackers: new TrackerNames(disk),
      names: new GivenNames(ctx.db, () => undefined),
      ctx,
      timing: { ...defaultTiming, quietMs: 0 },
      inspector: { inspect: (files) => inspecting.inspect(files).finally(() => (inspected += 1)) },
      artifacts: new Artifacts(ctx),
      ownEarly: () => Promise.resolve(undefined),
      lineages: { notice: () => undefined },
      signal: new AbortController().signal,
    },
    (artifact) => {
      decided.push(artifact.files.folder.slice(out.length + 1));
      return Promise.resolve({});
    },
  );
  return {
    decided,
    write: (folder, name, bytes, writtenAt) => {
      const path = join(out, folder, name);
      mkdirSync(join(out, folder), { recursive: true });
      writeFileSync(path, bytes);
      utimesSync(path, writtenAt / 1000, writtenAt / 1000);
      return path;
    },
    copy: (folder, writtenAt) => {
      const to = join(out, 'training', folder);
      cpSync(join(samples, 'spacy', 'training', folder), to, { recursive: true });
      for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' }))
        utimesSync(join(to, name), writtenAt / 1000, writtenAt / 1000);
      return join(to, 'meta.json');
    },
    enqueue: (path) => settler.enqueue(artifactAtPath(disk, out, path)!),
    at: async (ms) => {
      clock = start + ms;
      const before = inspected;
      const isDone = (): boolean => {
        settler.inspectDue();
        return inspected > before;
      };
      await until(isDone, 'an inspection', 2000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

test('of two saves that only have to be left alone for a while, the earlier one is decided about first', async () => {
  const { copy, enqueue, at, decided } = await settling();
  const [first, second] = [copy('model-best', start), copy('model-last', start + 1)];
  enqueue(first);
  await at(1990);
  enqueue(second);
  await at(2010);
  await at(2300);
  await at(2600);
  expect(decided).toEqual(['training/model-best', 'training/model-last']);
});

test('a save that was complete before another, and whose change is not known yet, is decided about first', async () => {
  const { write, enqueue, at, decided } = await settling();
  const bytes = safetensorsFile({ w: Float32Array.of(1, 2, 3) });
  const first = write('a', 'churn.safetensors', bytes, start);
  truncateSync(first, 70);
  enqueue(first);
  await at(10);
  write('a', 'churn.safetensors', bytes, start + 20);
  enqueue(write('b', 'churn.safetensors', bytes, start + 30));
  await at(40);
  await at(100);
  await at(200);
  expect(decided).toEqual(['a', 'b']);
});
