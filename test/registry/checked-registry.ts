import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { safetensorsFile } from './safetensors-file.ts';
import { startService, until, type TestService } from '../support/daemon.ts';

/** Makes a registry with a row in nearly every table, through the daemon's own routes. The data folder is `folder/data`. */
export async function filledRegistry(models = 3): Promise<TestService> {
  const service = await startService();
  const { client, out } = service;
  await client.call('POST /roots', { path: out });
  for (let m = 0; m < models; m += 1) {
    for (let run = 1; run <= 4; run += 1) await register(service, `net-${m}`, run, m * 100 + run);
    await moves(service, `net-${m}`);
  }
  await client.call('POST /tokens', { owner: 'ana', role: 'viewer' });
  await client.call('POST /ignored', { pattern: '*.tmp' });
  await client.call('POST /models/:model/card', { model: 'net-0', text: '# The card of this model' });
  await mlflowUpload(service);
  // Uploads are in the blob store within a second of their answer.
  const isStored = (): boolean => storedBlobs(join(service.folder, 'data')).some(({ text }) => text === uploadedText);
  await until(isStored, 'the upload');
  await until(async () => {
    const { lineage } = await client.call('GET /models/:model/versions/:version', { model: 'net-0', version: '1' });
    return lineage !== null;
  }, 'the lineage');
  return service;
}

async function register({ client, out }: TestService, model: string, run: number, seed: number): Promise<void> {
  const folder = join(out, model, `run-${run}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ acc: 0.5 + run / 100, loss: 1 / run }));
  writeFileSync(join(folder, 'config.yaml'), `lr: 0.0${run}\nseed: ${seed}\n`);
  writeFileSync(join(folder, 'model.safetensors'), safetensorsFile({ w: Float32Array.of(seed, seed / 7, 1, 2) }));
  await client.call('POST /register', { path: join(folder, 'model.safetensors'), model });
}

async function moves({ client }: TestService, model: string): Promise<void> {
  const route = 'POST /models/:model/versions/:version/promote';
  for (const version of ['2', '3']) await client.call(route, { model, version, stage: 'production', reason: 'better' });
  await client.call(route, { model, version: '1', alias: 'champion' });
  await client.call('POST /models/:model/versions/:version/tag', { model, version: '4', key: 'team', value: 'risk' });
  await client.call('POST /models/:model/versions/:version/comment', { model, version: '4', text: 'looks fine' });
  await client.call('POST /models/:model/versions/:version/delete', { model, version: '2', reason: 'old' });
}

/** Logs an MLflow client's run with a metric and an uploaded file. */
async function mlflowUpload({ daemon }: TestService): Promise<void> {
  const { port, token } = daemon.file;
  const ask = async (
    method: string,
    path: string,
    body: string,
  ): Promise<{ run?: { info: { run_id: string; artifact_uri: string } } }> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': method === 'PUT' ? 'text/plain' : 'application/json',
    };
    const reply = await fetch(`http://127.0.0.1:${port}/api/2.0/${path}`, { method, headers, body });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json().catch(() => ({}))) as { run?: { info: { run_id: string; artifact_uri: string } } };
  };
  const { info } = (await ask('POST', 'mlflow/runs/create', JSON.stringify({ experiment_id: '0' }))).run!;
  const metric = { run_id: info.run_id, key: 'auc', value: 0.9, timestamp: 1, step: 1 };
  await ask('POST', 'mlflow/runs/log-metric', JSON.stringify(metric));
  const folder = info.artifact_uri.replace('mlflow-artifacts:/', '');
  await ask('PUT', `mlflow-artifacts/artifacts/${folder}/notes.txt`, uploadedText);
}

export const uploadedText = 'bytes that an MLflow client uploaded';

/** Returns the data folder's database with an empty write-ahead log. The daemon must be stopped. */
export function closedDatabase(dataFolder: string): Buffer {
  const file = join(dataFolder, 'registry.db');
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma('journal_mode = DELETE');
  db.close();
  return readFileSync(file);
}

/** Returns every blob with its path and content. */
export function storedBlobs(dataFolder: string): { path: string; text: string }[] {
  const top = join(dataFolder, 'blobs', 'sha256');
  return readdirSync(top).flatMap((prefix) =>
    readdirSync(join(top, prefix)).map((name) => {
      const path = join(top, prefix, name);
      return { path, text: readFileSync(path, 'utf8') };
    }),
  );
}
