import { copyFileSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import type { ArtifactState, Version } from '../../../daemon/protocol/model.ts';
import { here, samples, until, type Here } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

interface Linked extends Here {
  project: string;
  scratch: string;
  /** The link in the project that leads to the scratch folder. */
  link: string;
}

/** Makes a watched project whose outputs are a link to another disk. */
async function linked(saved = 'model.joblib'): Promise<Linked> {
  const place = await here();
  const project = join(realpathSync(place.folder), 'retention');
  const scratch = join(realpathSync(place.folder), 'disk', 'u1234');
  mkdirSync(project);
  put(join(scratch, saved));
  const link = join(project, 'outputs');
  symlinkSync(scratch, link);
  await place.client.call('POST /roots', { path: project });
  return { ...place, project, scratch, link };
}

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(model, path);
  return path;
}

async function why({ client }: Here, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

async function listed({ client }: Here, state: ArtifactState): Promise<[string, string][]> {
  const { items } = await client.call('GET /artifacts', { state, limit: 200 });
  return items.map(({ path, reason }) => [path, reason]);
}

async function registered({ client }: Here, name: string): Promise<Version> {
  const request = { model: name, version: '1' };
  const ask = client.call('GET /models/:model/versions/:version', request);
  return (await ask.catch(() => undefined))?.version as Version;
}

test('a link that leads out is listed with where it leads and what watches that, and nothing behind it is taken', async () => {
  const place = await linked();
  const { project, scratch, link } = place;
  expect(await listed(place, 'ignored')).toEqual([
    [link, `linked to ${scratch}, which is not followed; watch it with: plinth watch ${scratch}`],
  ]);
  expect(await listed(place, 'registered')).toEqual([]);
  expect(await why(place, link)).toBe(
    `A link to ${scratch}, which is not followed. Watch it with: plinth watch ${scratch}`,
  );
  expect(await why(place, join(link, 'model.joblib'))).toBe(
    `Behind outputs, a link to ${scratch}, which is not followed. Watch it with: plinth watch ${scratch}`,
  );
  const { roots } = await place.client.call('GET /roots', {});
  expect(roots).toMatchObject([{ path: project, links: [{ path: link, target: scratch }], counts: { ignored: 1 } }]);
});

test('once its target is watched the model there has the project’s name, and the link says so', async () => {
  const place = await linked();
  const { scratch, link } = place;
  await place.client.call('POST /roots', { path: scratch });
  const version = await until(() => registered(place, 'retention'), 'the model behind the link');
  expect(version.source.path).toBe(join(scratch, 'model.joblib'));
  expect(await listed(place, 'ignored')).toEqual([[link, `linked to ${scratch}, which is watched under its own path`]]);
  expect(await why(place, join(link, 'model.joblib'))).toBe(
    `Behind a link, at ${join(scratch, 'model.joblib')}: registered as retention@1`,
  );
  const { roots } = await place.client.call('GET /roots', {});
  expect(roots.flatMap(({ links }) => links)).toEqual([]);
  await place.client.call('POST /roots/remove', { path: scratch });
  expect((await listed(place, 'ignored'))[0]?.[1]).toContain('which is not followed');
});

test('a folder below the link names the model as it does in the project', async () => {
  const place = await linked(join('churn', 'model.joblib'));
  await place.client.call('POST /roots', { path: place.scratch });
  expect(await until(() => registered(place, 'churn'), 'the model')).toBeDefined();
});

test('a link to a folder that is watched already is that folder, once', async () => {
  const place = await here();
  const project = join(realpathSync(place.folder), 'retention');
  const inner = join(project, 'runs', 'churn');
  put(join(inner, 'model.joblib'));
  symlinkSync(inner, join(project, 'latest'));
  symlinkSync('..', join(project, 'runs', 'up'));
  symlinkSync(place.folder, join(project, 'above'));
  symlinkSync('/nowhere/at/all', join(project, 'gone'));
  await place.client.call('POST /roots', { path: project });
  await until(() => registered(place, 'churn'), 'the model');
  expect(await listed(place, 'ignored')).toEqual([]);
  expect(await why(place, join(project, 'latest'))).toBe(`A link to ${inner}, which is looked at under its own path.`);
  expect(await why(place, join(project, 'latest', 'model.joblib'))).toBe(
    `Behind a link, at ${join(inner, 'model.joblib')}: registered as churn@1`,
  );
  const { versions } = await place.client.call('GET /status', {});
  expect(versions).toBe(1);
  expect(place.errors).toEqual([]);
});

test('a link that comes later is listed, and one that goes or becomes a folder is not any more', async () => {
  const place = await linked();
  const { project, scratch, link } = place;
  const later = join(project, 'later');
  symlinkSync(scratch, later);
  await until(async () => (await listed(place, 'ignored')).length === 2, 'the second link');
  rmSync(later);
  rmSync(link);
  put(join(link, 'model.joblib'));
  await until(() => registered(place, 'retention'), 'the model in the folder');
  await until(async () => (await listed(place, 'ignored')).length === 0, 'no link');
  expect(await why(place, join(link, 'model.joblib'))).toBe('registered as retention@1');
});

test('after the service was away a link still names the model where it leads', async () => {
  const place = await linked();
  await place.client.call('POST /roots/pause', { path: place.project });
  await place.daemon.stop();
  const again = await startDaemon(configure({ version: '0.0.0', dataFolder: join(place.folder, 'data') }), silent);
  onTestFinished(() => again.stop());
  const client = connect(again.file, 'test');
  await client.call('POST /roots', { path: place.scratch });
  expect(await until(() => registered({ ...place, client }, 'retention'), 'the model')).toBeDefined();
});

test('a file is said to be scanned only while it is', async () => {
  const place = await linked();
  const path = put(join(place.project, 'late.joblib'));
  await until(() => registered(place, 'late'), 'the model');
  const database = new Database(join(place.folder, 'data', 'registry.db'));
  onTestFinished(() => void database.close());
  await until(async () => {
    database.prepare('DELETE FROM artifacts WHERE path = ?').run(path);
    return (await why(place, path)) !== 'Still being scanned.';
  }, 'the end of the scan');
  expect(await why(place, path)).toBe(
    `No scan has seen it yet. Scan its folder again with: plinth scan ${place.project}`,
  );
  await place.client.call('POST /scan', {});
  await until(async () => (await why(place, path)).startsWith('seen again'), 'the file');
});

test.skipIf(process.platform !== 'linux')(
  'a script of the project that saves behind the link is known as the writer',
  async () => {
    const place = await linked();
    await place.client.call('POST /roots', { path: place.scratch });
    train(place.project, `save('outputs/late.safetensors', 1); process.exit(0);`);
    const version = await until(() => registered(place, 'late'), 'the model');
    const lineage = await until(async () => {
      const request = { model: version.model, version: '1' };
      return (await place.client.call('GET /models/:model/versions/:version', request)).lineage ?? undefined;
    }, 'the lineage');
    expect(lineage.process?.script).toBe(join(place.project, 'train.mjs'));
  },
);
