import { expect, test } from 'vitest';
import { arrivalText, rollbackChoices } from '../../../daemon/shared/review/rollback-choices.ts';
import { startService, threeVersions } from '../../support/daemon.ts';
import { event, model, now } from '../../support/models.ts';

test('each earlier version is explained by the reason for which it came, not by that of a rollback to it', async () => {
  const { client } = await startService();
  const name = await threeVersions(client);
  const promote = (version: string, reason: string): Promise<unknown> =>
    client.call('POST /models/:model/versions/:version/promote', { model: name, version, stage: 'production', reason });
  await promote('1', 'first one that works');
  await promote('2', 'better recall');
  await client.call('POST /models/:model/rollback', {
    model: name,
    stage: 'production',
    reason: 'p95 latency doubled',
  });
  await promote('3', 'faster');
  const { pointers } = await client.call('GET /models/:model', { model: name });
  const { items } = await client.call('GET /models/:model/history', { model: name, limit: 500 });
  const production = pointers.find(({ name: stage }) => stage === 'production')!;
  const choices = rollbackChoices(production, items);
  expect(choices.map(({ number }) => number)).toEqual([1]);
  const text = arrivalText(choices[0]!, Date.now());
  expect(text).toContain('“first one that works”');
  expect(text).not.toContain('latency');
});

test('the version that a rollback takes comes first, each version once and never the current one', () => {
  const [production] = model().pointers;
  const choices = rollbackChoices({ ...production!, holder: 8, previous: [3, 7, 8, 7] }, []);
  expect(choices.map(({ number }) => number)).toEqual([7, 3]);
  expect(arrivalText(choices[0]!, now)).toBe('reason unknown');
});

test('a promotion to another stage explains nothing, and overridden gates are said', () => {
  const [production] = model().pointers;
  const moved = event({ number: 7, at: now - 3_600_000, body: { ...event().body, bypassed: true } });
  const elsewhere = event({ number: 7, body: { ...event().body, name: 'staging', reason: 'to try it' } });
  const [choice] = rollbackChoices(production!, [elsewhere, moved]);
  expect(arrivalText(choice!, now)).toBe('promoted 1 h ago by ana/vscode · gates overridden · “AUC up”');
});
