import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startService, samples, type TestService } from '../../support/daemon.ts';
import { dataFile, lineageWith, record } from '../../support/comparison.ts';

/** Makes versions of `iris` with these accuracies; null for a version without one. */
async function versionsWith(service: TestService, values: readonly (number | null)[]): Promise<void> {
  const path = join(samples, 'npz', 'weights.npz');
  for (const [index, value] of values.entries()) {
    await service.client.call('POST /register', { path, model: 'iris', again: true });
    if (value === null) continue;
    const file = join(service.folder, 'eval_metrics.json');
    writeFileSync(file, JSON.stringify({ accuracy: value, odd: value }));
    const version = String(index + 1);
    await service.client.call('POST /models/:model/versions/:version/attach', { model: 'iris', version, path: file });
  }
}

const asked = { model: 'iris', metric: 'accuracy' };

test('the version from which on a metric stayed lost is found, with what it changed', async () => {
  const service = await startService();
  await versionsWith(service, [0.8, 0.9, 0.7, 0.895, 0.6, null, 0.61]);
  await record(service, 5, lineageWith({}));
  await record(service, 4, lineageWith({ environment: { python: '3.11.1', cuda: null, packages: {}, source: '' } }));
  const reply = await service.client.call('GET /bisect', asked);
  expect(reply).toMatchObject({ direction: 'higher', first: 'iris@5', before: 'iris@4', recovered: ['iris@3'] });
  expect(reply.steps.map(({ outcome }) => outcome)).toEqual(['good', 'lost', 'good', 'lost', 'unknown', 'lost']);
  expect(reply.comparison?.versions).toEqual(['iris@4', 'iris@5']);
  expect(reply.comparison?.environment.filter(({ differs }) => differs).map(({ name }) => name)).toContain('python');
  expect(reply.sentence).toBe('iris@5 lost accuracy: 0.895 in iris@4, 0.6 from it on.');
});

test('good, bad and tolerance can be said', async () => {
  const service = await startService();
  await versionsWith(service, [0.9, 0.85, 0.8, 0.95]);
  const narrow = await service.client.call('GET /bisect', { ...asked, good: 'v1', bad: '3' });
  expect(narrow.first).toBe('iris@2');
  const wide = await service.client.call('GET /bisect', { ...asked, good: '1', bad: '3', tolerance: 0.06 });
  expect([wide.first, wide.before]).toEqual(['iris@3', 'iris@2']);
  const none = await service.client.call('GET /bisect', { ...asked, good: '1', bad: '4' });
  expect(none).toMatchObject({ first: null, comparison: null, sentence: 'iris@4 has not lost accuracy.' });
});

test('a version that was evaluated on other data is not blamed', async () => {
  const service = await startService();
  await versionsWith(service, [0.9, 0.5, 0.4]);
  await record(service, 1, lineageWith({}));
  await record(service, 2, lineageWith({ data: [dataFile('data/test.csv', '9', 5)] }));
  await record(service, 3, lineageWith({}));
  const reply = await service.client.call('GET /bisect', { ...asked, good: '1' });
  expect(reply.steps.map(({ outcome }) => outcome)).toEqual(['good', 'unknown', 'lost']);
  expect(reply.first).toBe('iris@3');
  expect(reply.sentence).toContain('1 between them cannot be judged');
});

test('what cannot be bisected is refused with what to do', async () => {
  const service = await startService();
  await versionsWith(service, [0.9, 0.5]);
  await expect(service.client.call('GET /bisect', { ...asked, metric: 'odd' })).rejects.toThrow(
    'under metrics in plinth.yaml',
  );
  await expect(service.client.call('GET /bisect', { ...asked, metric: 'f9' })).rejects.toThrow(
    'they have accuracy, odd',
  );
  await expect(service.client.call('GET /bisect', { ...asked, good: '2', bad: '1' })).rejects.toThrow(
    'older than the bad one',
  );
});
