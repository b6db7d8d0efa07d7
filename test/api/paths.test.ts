import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copySample, startService, type TestService } from '../support/daemon.ts';

/** A watched folder with every odd kind of file that a path may name, and the paths to request. */
async function oddPaths(): Promise<TestService & { paths: string[] }> {
  const service = await startService();
  const { out, folder, client } = service;
  copySample('sklearn/iris-script/outputs/v1/model.joblib', join(out, 'model.joblib'));
  await client.call('POST /register', { path: join(out, 'model.joblib'), model: 'iris' });
  mkdirSync(join(folder, 'outside'));
  copyFileSync(join(out, 'model.joblib'), join(folder, 'outside', 'model.joblib'));
  writeFileSync(join(folder, 'outside', 'metrics.json'), '{"accuracy": 1}');
  await client.call('POST /roots', { path: out });
  symlinkSync(join(folder, 'outside'), join(out, 'away'));
  symlinkSync('loop', join(out, 'loop'));
  symlinkSync('/dev/zero', join(out, 'zero'));
  symlinkSync('nowhere', join(out, 'dangling'));
  execFileSync('mkfifo', [join(out, 'fifo')]);
  execFileSync('mkfifo', [join(out, 'mlflow.db')]);
  const server = createServer().listen(join(out, 'socket'));
  onTestFinished(() => void server.close());
  mkdirSync(join(out, 'shut'));
  writeFileSync(join(out, 'shut', 'metrics.json'), '{}');
  chmodSync(join(out, 'shut'), 0);
  onTestFinished(() => chmodSync(join(out, 'shut'), 0o755));
  const inside = ['loop', 'loop/x', 'zero', 'dangling', 'fifo', 'socket', 'mlflow.db', 'away', 'away/model.joblib'];
  const more = [
    'away/metrics.json',
    'shut',
    'shut/metrics.json',
    'model.joblib/x',
    'n'.repeat(300),
    'nul\0byte',
    'gone/file',
  ];
  return {
    ...service,
    paths: [...[...inside, ...more].map((name) => join(out, name)), `/${'long/'.repeat(2000)}x`, '/dev/zero', ''],
  };
}

/** Windows has no FIFOs, and needs special rights for links. */
test(
  'whatever a path leads to, every route that takes one answers or refuses in a sentence',
  { skip: process.platform === 'win32', timeout: 90_000 },
  async () => {
    const { daemon, paths, errors } = await oddPaths();
    const routes = [
      'POST /register',
      'POST /roots',
      'POST /roots/remove',
      'POST /scan',
      'POST /import',
      'POST /models/iris/versions/1/attach',
      'POST /models/iris/policy',
      'POST /trust',
      'POST /trust/remove',
      'POST /tensors/compare-file',
      'POST /tensors/describe',
      'GET /trust',
      'GET /why',
      'GET /identify',
      'GET /inspect',
      'GET /inspect/tokenizer',
      'GET /policy',
    ];
    const more: Record<string, object> = {
      'POST /tensors/describe': { tensor: 'x' },
      'POST /tensors/compare-file': { baseline: 'iris@1' },
    };
    const wrong: string[] = [];
    for (const route of routes) {
      for (const path of paths) {
        const [method = '', service = ''] = route.split(' ');
        const url = `http://127.0.0.1:${daemon.file.port}${service}`;
        const headers = { authorization: `Bearer ${daemon.file.token}`, 'content-type': 'application/json' };
        const answer =
          method === 'GET'
            ? await fetch(`${url}?path=${encodeURIComponent(path)}`, { headers })
            : await fetch(url, {
                method,
                headers,
                body: JSON.stringify({ path, ...more[route] }),
              });
        const text = await answer.text();
        if (answer.status >= 500) wrong.push(`${route} ${path.slice(-30)}: ${answer.status} ${text}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(errors).toEqual([]);
  },
);

test(
  'a path that leads out of its watched folder through a linked folder is refused',
  { skip: process.platform === 'win32' },
  async () => {
    const { client, out } = await oddPaths();
    const path = join(out, 'away', 'model.joblib');
    await expect(client.call('POST /register', { path })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('leads out of the watched folder') as string,
    });
  },
);
