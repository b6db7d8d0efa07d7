import { appendFileSync, copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { copySample, startService, samples, threeVersions } from '../../support/daemon.ts';

const iris = (run: string): string => join(samples, 'sklearn', 'iris-script', 'outputs', run, 'model.joblib');

test('a file is told as the version that it is, under whatever name', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const copy = join(service.folder, 'some copy.bin');
  const link = join(service.folder, 'link');
  symlinkSync(copy, link);
  copyFileSync(iris('v2'), copy);
  const reply = await service.client.call('GET /identify', { path: copy });
  expect(reply).toMatchObject({
    path: copy,
    digest: expect.stringMatching(/^sha256:/) as string,
    matches: [{ reference: 'iris@2', as: 'whole', file: 'model.joblib', stage: 'development', state: 'ready' }],
    sentence: `${copy} is iris@2 (development).`,
  });
  expect((await service.client.call('GET /identify', { path: link })).matches).toEqual(reply.matches);
});

test('a file of a size that no version has is never hashed', async () => {
  const service = await startService();
  await threeVersions(service.client);
  const hashed = vi.spyOn(service.daemon.context.blobs, 'digestOf');
  const file = join(service.folder, 'else.bin');
  copyFileSync(iris('v2'), file);
  appendFileSync(file, 'x');
  const reply = await service.client.call('GET /identify', { path: file });
  expect(reply).toMatchObject({ digest: null, matches: [] });
  expect(reply.sentence).toContain('no version has a file of its size');
  expect(hashed).not.toHaveBeenCalled();
  const bytes = readFileSync(iris('v2'));
  bytes[100]! ^= 1;
  writeFileSync(file, bytes);
  expect(await service.client.call('GET /identify', { path: file })).toMatchObject({
    matches: [],
    sentence: `${file} is not a version.`,
  });
  expect(hashed).toHaveBeenCalledOnce();
});

test('a folder is the version whose files it holds, other files beside them; a single file of it is a part', async () => {
  const service = await startService();
  const path = join(samples, 'transformers', 'tiny-bert-cls');
  await service.client.call('POST /register', { path, model: 'bert' });
  const folder = copySample('transformers/tiny-bert-cls', join(service.folder, 'copy'));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const reply = await service.client.call('GET /identify', { path: folder });
  expect(reply).toMatchObject({ digest: null, matches: [{ reference: 'bert@1', as: 'whole' }] });
  const part = await service.client.call('GET /identify', { path: join(folder, 'tokenizer.json') });
  expect(part.matches).toMatchObject([{ reference: 'bert@1', as: 'file', file: 'tokenizer.json' }]);
});

test('versions registered after the first question are found, deleted ones are not', async () => {
  const service = await startService();
  await service.client.call('POST /register', { path: iris('v1'), model: 'iris' });
  expect((await service.client.call('GET /identify', { path: iris('v2') })).matches).toEqual([]);
  await service.client.call('POST /register', { path: iris('v2'), model: 'iris' });
  expect((await service.client.call('GET /identify', { path: iris('v2') })).matches).toHaveLength(1);
  await service.client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '2' });
  expect((await service.client.call('GET /identify', { path: iris('v2') })).matches).toEqual([]);
});

test('a path that is not there, or is no file, is refused', async () => {
  const { client } = await startService();
  await expect(client.call('GET /identify', { path: '/nowhere/at/all' })).rejects.toThrow(
    '/nowhere/at/all does not exist',
  );
  await expect(client.call('GET /identify', { path: '/dev/null' })).rejects.toThrow('is not a regular file or folder');
});
