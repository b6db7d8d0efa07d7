import { expect, test } from 'vitest';
import type { EventType } from '../../daemon/protocol/events.ts';
import { foldHistory, historyKindOf, sourcesText, versionsIn } from '../../daemon/shared/history.ts';
import { event } from '../support/models.ts';

test('evidence is counted by source with the registration of its version, and lineage and tags are left out', () => {
  const evidence = (source: string, number = 8, model = 'churn'): ReturnType<typeof event> =>
    event({ type: 'version.evidence/1', model, number, body: { source } });
  const entries = foldHistory([
    event({ type: 'version.lineage/1', body: {} }),
    evidence('metrics.json'),
    evidence('params.json'),
    evidence('metrics.json'),
    evidence('other.json', 7),
    evidence('other.json', 8, 'iris'),
    event({ type: 'version.tagged/1', body: {} }),
    event({ type: 'version.registered/1', body: {} }),
  ]);
  expect(entries.map(({ event: { type }, sources }) => [type, sources])).toEqual([['version.registered/1', 2]]);
  expect([0, 1, 5].map(sourcesText)).toEqual(['', ' (1 source)', ' (5 sources)']);
});

test('what a person wrote is part of a history, and each event is of one kind', () => {
  const kinds: [EventType, string][] = [
    ['pointer.moved/1', 'stages'],
    ['version.staged/1', 'stages'],
    ['deployment.finished/1', 'stages'],
    ['version.registered/1', 'versions'],
    ['version.damaged/1', 'versions'],
    ['approval.given/1', 'reviews'],
    ['version.commented/1', 'texts'],
    ['version.described/1', 'texts'],
    ['model.card/1', 'texts'],
    ['model.renamed/1', 'other'],
  ];
  const events = kinds.map(([type]) => event({ type, body: {} }));
  expect(foldHistory(events)).toHaveLength(kinds.length);
  expect(events.map(historyKindOf)).toEqual(kinds.map(([, kind]) => kind));
});

test('a move names the versions before and after it, and a body without them names none', () => {
  expect(versionsIn(event())).toEqual([8, 7]);
  expect(versionsIn(event({ type: 'model.card/1', number: null, body: { before: [3], after: 'v3' } }))).toEqual([]);
});
