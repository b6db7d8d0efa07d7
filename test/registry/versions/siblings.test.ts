import { expect, test } from 'vitest';
import { dataFile, lineageWith, record } from '../../support/comparison.ts';
import { startService, threeVersions } from '../../support/daemon.ts';

test('versions with the same data are found by its content, whatever its path', async () => {
  const service = await startService();
  await threeVersions(service.client);
  await record(service, 1, lineageWith({ data: [dataFile('a.csv', 'b', 9)] }));
  await record(service, 2, lineageWith({ data: [dataFile('a.csv', 'c', 9)] }));
  await record(service, 3, lineageWith({ data: [dataFile('x.csv', 'c', 9), dataFile('other/a.csv', 'b', 9)] }));
  const siblings = (version: string): Promise<unknown> =>
    service.client.call('GET /models/:model/versions/:version/siblings', { model: 'iris', version });
  const [b, c] = ['b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`);
  expect(await siblings('1')).toMatchObject({ data: [{ reference: 'iris@3', digests: [b] }], notRead: 0 });
  expect(await siblings('3')).toMatchObject({
    data: [
      { reference: 'iris@2', digests: [c] },
      { reference: 'iris@1', digests: [b] },
    ],
  });
  await service.client.call('POST /models/:model/versions/:version/delete', { model: 'iris', version: '1' });
  expect(await siblings('3')).toMatchObject({ data: [{ reference: 'iris@2' }] });
  await expect(siblings('9')).rejects.toMatchObject({ code: 'not-found' });
});
