import { copyFileSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import type { ArtifactState, Version } from '../../../daemon/protocol/model.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');

interface Linked extends TestService {
  project: string;
  scratch: string;
  /** The link in the project that leads to the scratch folder. */
  link: string;
}

/** Makes a watched project whose outputs are a link to another disk. */
async function linked(saved = 'model.joblib'): Promise<Linked> {
  const service = await startService();
  const project = join(realpathSync(service.folder), 'retention');
  const scratch = join(realpathSync(service.folder), 'disk', 'u1234');
  mkdirSync(project);
  put(join(scratch, saved));
  const link = join(project, 'outputs');
  symlinkSync(scratch, link);
  await service.client.call('POST /roots', { path: project });
  return { ...service, project, scratch, link };
}

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(model, path);
  return path;
}

async function why({ client }: TestService, path: string): Promise<string> {
  return (await client.call('GET /why', { path })).reason;
}

async function listed({ client }: TestService, state: ArtifactState): Promise<[string, string][]> {
  const { items } = await client.call('GET /artifacts', { state, limit: 200 });
  return items.map(({ path, reason }) => [path, reason]);
}

async function registered({ client }: TestService, name: string): Promise<Version> {
  const request = { model: name, version: '1' };
  const ask = client.call('GET /models/:model/versions/:version', request);
  return (await ask.catch(() => undefined))?.version as Version;
}

test('a link that leads out is listed with where it leads and what watches that, and nothing behind it is taken', async () => {
  const service = await linked();
  const { project, scratch, link } = service;
  expect(await listed(service, 'ignored')).toEqual([
    [link, `linked to ${scratch}, which is not followed; watch it with: plinth watch ${scratch}`],
  ]);
  expect(await listed(service, 'registered')).toEqual([]);
  expect(await why(service, link)).toBe(
    `A link to ${scratch}, which is not followed. Watch it with: plinth watch ${scratch}`,
  );
  expect(await why(service, join(link, 'model.joblib'))).toBe(
    `Behind outputs, a link to ${scratch}, which is not followed. Watch it with: plinth watch ${scratch}`,
  );
  const { roots } = await service.client.call('GET /roots', {});
  expect(roots).toMatchObject([{ path: project, links: [{ path: link, target: scratch }], counts: { ignored: 1 } }]);
});

test('once its target is watched the model there has the project’s name, and the link says so', async () => {
  const service = await linked();
  const { scratch, link } = service;
  await service.client.call('POST /roots', { path: scratch });
  const version = await until(() => registered(service, 'retention'), 'the model behind the link');
  expect(version.source.path).toBe(join(scratch, 'model.joblib'));
  expect(await listed(service, 'ignored')).toEqual([
    [link, `linked to ${scratch}, which is watched under its own path`],
  ]);
  expect(await why(service, join(link, 'model.joblib'))).toBe(
    `Behind a link, at ${join(scratch, 'model.joblib')}: registered as retention@1`,
  );
  const { roots } = await service.client.call('GET /roots', {});
  expect(roots.flatMap(({ links }) => links)).toEqual([]);
  await service.client.call('POST /roots/remove', { path: scratch });
  expect((await listed(service, 'ignored'))[0]?.[1]).toContain('which is not followed');
});

test('a folder below the link names the model as it does in the project', async () => {
  const service = await linked(join('churn', 'model.joblib'));
  await service.client.call('POST /roots', { path: service.scratch });
  expect(await until(() => registered(service, 'churn'), 'the model')).toBeDefined();
});

test('a link to a folder that is watched already is that folder, once', async () => {
  const service = await startService();
  const project = join(realpathSync(service.folder), 'retention');
  const inner = join(project, 'runs', 'churn');
  put(join(inner, 'model.joblib'));
  symlinkSync(inner, join(project, 'latest'));
  symlinkSync('..', join(project, 'runs', 'up'));
  symlinkSync(service.folder, join(project, 'above'));
  symlinkSync('/nowhere/at/all', join(project, 'gone'));
  await service.client.call('POST /roots', { path: project });
  await until(() => registered(service, 'churn'), 'the model');
  expect(await listed(service, 'ignored')).toEqual([]);
  expect(await why(service, join(project, 'latest'))).toBe(
    `A link to ${inner}, which is looked at under its own path.`,
  );
  expect(await why(service, join(project, 'latest', 'model.joblib'))).toBe(
    `Behind a link, at ${join(inner, 'model.joblib')}: registered as churn@1`,
  );
  const { versions } = await service.client.call('GET /status', {});
  expect(versions).toBe(1);
  expect(service.errors).toEqual([]);
});

test('a link that comes later is listed, and one that goes or becomes a folder is not any more', async () => {
  const service = await linked();
  const { project, scratch, link } = service;
  const later = join(project, 'later');
  symlinkSync(scratch, later);
  await until(async () => (await listed(service, 'ignored')).length === 2, 'the second link');
  rmSync(later);
  rmSync(link);
  put(join(link, 'model.joblib'));
  await until(() => registered(service, 'retention'), 'the model in the folder');
  await until(async () => (await listed(service, 'ignored')).length === 0, 'no link');
  expect(await why(service, join(link, 'model.joblib'))).toBe('registered as retention@1');
});

test('after the service was away a link still names the model where it leads', async () => {
  const service = await linked();
  await service.client.call('POST /roots/pause', { path: service.project });
  await service.daemon.stop();
  const again = await startDaemon(configure({ version: '0.0.0', dataFolder: join(service.folder, 'data') }), silent);
  onTestFinished(() => again.stop());
  const client = connect(again.file, 'test');
  await client.call('POST /roots', { path: service.scratch });
  expect(await until(() => registered({ ...service, client }, 'retention'), 'the model')).toBeDefined();
});

test('a file is said to be scanned only while it is', async () => {
  const service = await linked();
  const path = put(join(service.project, 'late.joblib'));
  await until(() => registered(service, 'late'), 'the model');
  const database = new Database(join(service.folder, 'data', 'registry.db'));
  onTestFinished(() => void database.close());
  await until(async () => {
    database.prepare('DELETE FROM artifacts WHERE path = ?').run(path);
    return (await why(service, path)) !== 'Still being scanned.';
  }, 'the end of the scan');
  expect(await why(service, path)).toBe(
    `No scan has seen it yet. Scan its folder again with: plinth scan ${service.project}`,
  );
  await service.client.call('POST /scan', {});
  await until(async () => (await why(service, path)).startsWith('seen again'), 'the file');
});

test.skipIf(process.platform !== 'linux')(
  'a script of the project that saves behind the link is known as the writer',
  async () => {
    const service = await linked();
    await service.client.call('POST /roots', { path: service.scratch });
    train(service.project, `save('outputs/late.safetensors', 1); process.exit(0);`);
    const version = await until(() => registered(service, 'late'), 'the model');
    const lineage = await until(async () => {
      const request = { model: version.model, version: '1' };
      return (await service.client.call('GET /models/:model/versions/:version', request)).lineage ?? undefined;
    }, 'the lineage');
    expect(lineage.process?.script).toBe(join(service.project, 'train.mjs'));
  },
);
