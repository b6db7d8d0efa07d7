import { expect, test } from 'vitest';
import { eventLine } from '../../daemon/clients/cli/text/event-line.ts';
import type { EventType, ThinEvent } from '../../daemon/protocol/events.ts';
import { eventText, isNews } from '../../daemon/shared/event-text.ts';
import { activityNodes } from '../../extension/trees/rows/activity.ts';
import { apply, nothing } from '../../extension/mirror/reducer.ts';
import { historyOf } from '../../webview/components/events.ts';
import { event, now } from '../support/models.ts';
import { startService, threeVersions } from '../support/daemon.ts';

/** Returns events of many kinds, by using a registry for a while. */
async function shortLife(): Promise<ThinEvent[]> {
  const { client } = await startService();
  const model = await threeVersions(client);
  const version = { model, version: '2' };
  await client.call('POST /models/:model/versions/:version/promote', {
    ...version,
    stage: 'production',
    reason: 'first',
  });
  await client.call('POST /models/:model/versions/:version/promote', {
    model,
    version: '3',
    stage: 'production',
    reason: 'lower loss',
  });
  const back = await client.call('POST /models/:model/rollback', { model, stage: 'production', reason: 'slow' });
  await client.call('POST /undo', { seq: back.seq });
  await client.call('POST /models/:model/versions/:version/promote', { ...version, alias: 'champion', reason: '' });
  await client.call('POST /models/:model/versions/:version/comment', { ...version, text: 'looks good' });
  await client.call('POST /models/:model/describe', { model, description: 'flowers' });
  await client.call('POST /models/:model/rename', { model, name: 'flowers' });
  return (await client.call('GET /log', { limit: 200 })).items;
}

test('terminal, activity, history and pages tell an event with the same words', async () => {
  const events = await shortLife();
  const kinds = new Set(events.map(({ type }) => type));
  expect(kinds.size).toBeGreaterThan(6);
  const plain = (text: string): string => text.replaceAll(/(\w+)@(\d+)/g, '$1 v$2');
  for (const one of events) {
    const text = eventText(one);
    expect(text).not.toContain('{');
    expect(text).not.toContain(one.type);
    expect(plain(eventLine(one))).toContain(text);
    const [day] = activityNodes(apply(nothing, { kind: 'activity', events: [one] }), one.at);
    expect(day?.children?.[0]?.label).toBe(isNews(one) ? text : undefined);
    const [entry] = historyOf([one]);
    if (isNews(one)) expect(entry?.text).toBe(text.replaceAll(`${one.model} v`, 'v').replace(` of ${one.model}:`, ':'));
  }
});

test('a body that travelled without its fields, and a type of a newer program, are told all the same', () => {
  const types: EventType[] = [
    'version.registered/1',
    'pointer.moved/1',
    'token.made/1',
    'deployment.finished/1',
    'version.tagged/1',
  ];
  for (const type of types) expect(eventText(event({ type, body: {} }))).not.toContain('undefined');
  expect(eventText(event({ type: 'version.painted/9' as EventType, at: now }))).toBe('version.painted/9 churn');
});

test('a name that reverses the text after it reverses nothing in a history', () => {
  const [entry] = historyOf([event({ type: 'version.commented/1', body: { text: 'good \u202efdp.exe' } })]);
  expect(entry?.text).toMatch(/: good fdp\.exe$/);
});
