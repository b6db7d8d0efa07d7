import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { flipped } from '../../support/bit-flips.ts';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMlflowService, runIn, type Answer, type Mlflow } from './asked.ts';

const base = '/api/2.0/mlflow-artifacts/artifacts';

function put(service: Mlflow, path: string, body: RequestInit['body'] = 'x'): Promise<Answer> {
  return service.send(`${base}/${path}`, { method: 'PUT', body });
}

async function list(service: Mlflow, path = ''): Promise<unknown> {
  return (await service.ok('GET', base, path === '' ? {} : { path }))['files'];
}

test('files go up, are listed one level at a time, come down with safe headers, and are taken away', async () => {
  const service = await startMlflowService();
  const bytes = randomBytes(3_000_000);
  expect((await put(service, 'a/b/large.bin', bytes)).status).toBe(200);
  expect((await put(service, 'a/empty.txt', '')).status).toBe(200);
  expect((await put(service, 'a/b-c.txt', '1')).status).toBe(200);
  expect((await put(service, `a/${encodeURIComponent('naïve +1.txt')}`, 'ä')).status).toBe(200);
  expect(await list(service)).toEqual([{ path: 'a', is_dir: true }]);
  expect(await list(service, 'a')).toEqual([
    { path: 'b', is_dir: true },
    { path: 'b-c.txt', is_dir: false, file_size: 1 },
    { path: 'empty.txt', is_dir: false },
    { path: 'naïve +1.txt', is_dir: false, file_size: 2 },
  ]);
  expect(await service.ok('GET', base, { path: 'none' })).toEqual({});
  const response = await fetch(`http://127.0.0.1:${service.daemon.file.port}${base}/a/b/large.bin`, {
    headers: { authorization: `Basic ${btoa(`u:${(await service.client.call('GET /mlflow', {})).token}`)}` },
  });
  const back = Buffer.from(await response.arrayBuffer());
  expect(back.equals(bytes)).toBe(true);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename=large.bin',
    'x-content-type-options': 'nosniff',
    'content-length': '3000000',
  });
  const text = await service.send(`${base}/a/${encodeURIComponent('naïve +1.txt')}`, {});
  expect([text.text, text.headers.get('content-type')]).toEqual(['ä', 'text/plain']);
  expect(text.headers.get('content-disposition')).toContain("filename*=UTF-8''na%C3%AFve%20%2B1.txt");
  expect((await service.send(`${base}/a/b/large.bin`, { method: 'HEAD' })).status).toBe(200);
  expect((await service.send(`${base}/a/b`, {})).status).toBe(400);
  expect((await service.send(`${base}/a/none`, {})).body).toMatchObject({ error_code: 'RESOURCE_DOES_NOT_EXIST' });
  await service.ok('DELETE', `${base}/a/b`);
  await service.ok('DELETE', `${base}/a/b`);
  expect(JSON.stringify(await list(service, 'a'))).toContain('b-c.txt');
  expect((await put(service, 'a/b-c.txt/under')).status).toBe(400);
  expect((await put(service, 'a')).status).toBe(400);
  expect((await put(service, 'a/')).status).toBe(400);
});

const hostile = [
  '..', '../x', 'a/../../x', '%2e%2e/x', '%2e%2e%2fx', '..%2fx', '%252e%252e%252fx', '%25252e%25252e/x', 'a/..%5c..%5cx', '..%5cx',
  '%2fetc/passwd', '%2Fetc%2Fpasswd', '/etc/passwd', '//etc/passwd', 'C:%5Cx', 'C:/x', 'c%3a/x', 'file:///etc/passwd', 'file:%2f%2f/etc',
  'a%00b', '%00', 'a%0ab', 'x%23y', 'a%5cb', './x', 'a/./b', 'a/%2e/b', '....%2f/..%2fx', '..;/x%2f..', '%c0%ae%c0%ae/x', '%ff', '%zz',
  '%u002e%u002e/x', 'a//b', '..%c0%afx', 'http://x/y', 's3:%2f%2fb/k',
]; // prettier-ignore

test('no path of a client leaves the store', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  await put(service, `0/${id}/artifacts/ok.txt`);
  const { token } = await service.client.call('GET /mlflow', {});
  const raw = (line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = service.daemon.file;
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(
          `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        ),
      );
      let answer = '';
      socket.on('data', (part: Buffer) => (answer += part.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });
  const before = await list(service);
  for (const path of hostile) {
    for (const line of [
      `PUT ${base}/${path}`,
      `GET ${base}/${path}`,
      `GET /get-artifact?run_id=${id}&path=${path}`,
      `POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=${id}&path=${path}`,
    ]) {
      const answer = await raw(line);
      expect([line, answer.slice(9, 12)]).toEqual([line, expect.stringMatching(/^(400|404)$/)]);
    }
    const listed = await raw(`GET ${base}?path=${path}`);
    expect([path, listed]).toEqual([path, expect.not.stringContaining('is_dir')]);
  }
  expect(await list(service)).toEqual(before);
  expect(readdirSync(join(service.folder, 'data', 'tmp'))).toEqual([]);
});

test('an upload that is cut in the middle leaves nothing', async () => {
  const service = await startMlflowService();
  const { token } = await service.client.call('GET /mlflow', {});
  const { port } = service.daemon.file;
  for (const framing of ['Content-Length: 1000000', 'Transfer-Encoding: chunked']) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `PUT ${base}/cut.bin HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n${framing}\r\n\r\n`,
        );
        socket.write(framing.includes('chunked') ? `186a0\r\n${'x'.repeat(100_000)}\r\n` : 'x'.repeat(100_000));
        setTimeout(() => socket.destroy(), 100);
      });
      socket.on('close', () => resolve());
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await list(service)).toBeUndefined();
  expect(readdirSync(join(service.folder, 'data', 'tmp'))).toEqual([]);
  expect(service.errors).toEqual([]);
});

test('a damaged blob is never delivered whole', async () => {
  const service = await startMlflowService();
  const bytes = randomBytes(2_000_000);
  await put(service, 'd.bin', bytes);
  flipped(service, createHash('sha256').update(bytes).digest('hex'));
  await expect(service.send(`${base}/d.bin`, {})).rejects.toThrow();
});

test('the sweep leaves what an upload or a version names, and takes what nothing names any more', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  const root = `0/${id}/artifacts/m`;
  await put(service, `${root}/kept.bin`, 'kept');
  await put(service, `${root}/given-up.bin`, 'given up');
  const later = { ...service.daemon.context, now: () => Date.now() + 3 * 24 * 3600 * 1000 };
  expect(await sweep(later)).toEqual({ blobs: 0, bytes: 0 });
  await service.ok('DELETE', `${base}/${root}/given-up.bin`);
  await service.ok('POST', 'registered-models/create', { name: 'm' });
  await service.ok('POST', 'model-versions/create', { name: 'm', source: `runs:/${id}/m`, run_id: id });
  await service.ok('DELETE', `${base}/${root}`);
  expect(await sweep(later)).toEqual({ blobs: 1, bytes: 'given up'.length });
  const query = '?name=m&version=1&path=kept.bin';
  expect((await service.send(`/model-versions/get-artifact${query}`, {})).text).toBe('kept');
});

test('files of a run are listed and fetched by what the run calls them', async () => {
  const service = await startMlflowService();
  const id = await runIn(service);
  const root = `mlflow-artifacts:/0/${id}/artifacts`;
  const up = await service.send(`/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${id}&path=dir/b.txt`, {
    method: 'POST',
    body: 'b',
  });
  expect(up.status).toBe(200);
  expect(await service.ok('GET', 'artifacts/list', { run_id: id, path: 'dir' })).toEqual({
    root_uri: root,
    files: [{ path: 'dir/b.txt', is_dir: false, file_size: 1 }],
  });
  expect((await service.send(`/get-artifact?run_uuid=${id}&path=dir/b.txt`, {})).text).toBe('b');
  expect(await service.refused('GET', '/get-artifact', { run_id: id, path: '../x' })).toMatch(/: Invalid path$/);
  expect(await service.refused('GET', '/get-artifact', { run_id: id, path: 'no' })).toMatch(/^404/);
  const upload = '/ajax-api/2.0/mlflow/upload-artifact';
  const post = async (query: string): Promise<string> =>
    (await service.send(`${upload}${query}`, { method: 'POST' })).text;
  expect(await post('')).toMatch(/Request must specify run_uuid\./);
  expect(await post(`?run_uuid=${id}`)).toMatch(/Request must specify path\./);
  expect(await post(`?run_uuid=${id}&path=a`)).toMatch(/Request must specify data\./);
});

test('multipart and presigned transfers are said to be not supported, as clients want to hear it', async () => {
  const service = await startMlflowService();
  expect(await service.refused('POST', '/api/2.0/mlflow-artifacts/mpu/create/x', {})).toMatch(
    /^501 NOT_IMPLEMENTED: Multipart upload is not supported for the current artifact repository/,
  );
  expect((await service.ask('GET', '/api/2.0/mlflow-artifacts/presigned/x')).status).toBe(501);
});
