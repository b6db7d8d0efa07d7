import { expect, test } from 'vitest';
import { eventText, isNews } from '../../../daemon/shared/event-text.ts';
import { isUndoable, newestTransition } from '../../../extension/undoable-events.ts';
import { activityNodes } from '../../../extension/trees/rows/activity.ts';
import { apply, nothing, type Mirror } from '../../../extension/mirror/reducer.ts';
import { event, now } from '../../support/models.ts';

const day = 86_400_000;

function telling(...events: ReturnType<typeof event>[]): Mirror {
  return apply(nothing, { kind: 'activity', events });
}

test('a promotion tells who moved what, from where to where, and why', () => {
  const [today] = activityNodes(telling(event()), now);
  expect(today?.label).toBe('Today');
  expect(today?.children?.[0]).toMatchObject({
    label: 'production of churn: v7 → v8',
    description: 'by ana · "AUC up" · just now',
    context: 'event.version.undoable',
  });
});

test('roll back and undo are told as such', () => {
  const body = event().body;
  expect(eventText(event({ body: { ...body, cause: 'rollback' } }))).toBe('rolled back production of churn: v7 → v8');
  expect(eventText(event({ body: { ...body, cause: 'undo', undoes: 3 } }))).toBe(
    'undid event 3, production of churn: v7 → v8',
  );
  expect(eventText(event({ body: { ...body, before: { holder: null } } }))).toBe('production of churn: empty → v8');
});

test('the stage that a version left for another is no news', () => {
  expect(isNews(event({ body: { ...event().body, cause: 'left' } }))).toBe(false);
  expect(isNews(event({ type: 'version.evidence/1' }))).toBe(false);
});

test('days are told apart, the last one stands open', () => {
  const events = [event({ seq: 3 }), event({ seq: 2, at: now - day }), event({ seq: 1, at: now - 9 * day })];
  const days = activityNodes(telling(...events), now);
  expect(days.map(({ label, open }) => [label, open])).toEqual([
    ['Today', true],
    ['Yesterday', false],
    [expect.stringMatching(/2026/), false],
  ]);
});

test('what was undone is told so, and cannot be undone twice', () => {
  const undo = event({ seq: 10, body: { ...event().body, cause: 'undo', undoes: 9 } });
  const rows = activityNodes(telling(undo, event({ seq: 9 })), now)[0]?.children;
  expect(rows?.[1]?.description).toContain('undone');
  expect(rows?.map(({ context }) => context)).toEqual(['event.version', 'event.version']);
});

test('the last transition is the newest that is no undo and was not undone', () => {
  const undo = event({ seq: 10, body: { ...event().body, cause: 'undo', undoes: 9 } });
  const other = event({ seq: 11, type: 'model.described/1', number: null, body: { undoes: null } });
  expect(newestTransition([other, undo, event({ seq: 9 }), event({ seq: 8 })])?.seq).toBe(8);
  expect(newestTransition([])).toBeUndefined();
  expect(isUndoable(undo)).toBe(false);
});

test('a folder that is watched can be let go from where it is told', () => {
  const watched = event({ type: 'root.watched/1', model: null, number: null, body: { path: '/out' } });
  expect(activityNodes(telling(watched), now)[0]?.children?.[0]).toMatchObject({
    label: 'watching /out',
    context: 'event.root',
  });
});

test('a scan is no activity', () => {
  const scan = { root: '/out', files: 12, tookMs: 340, at: now };
  expect(activityNodes(apply(nothing, { kind: 'scanned', scan }), now)).toEqual([]);
});

test('an event of a type that is not known yet breaks nothing', () => {
  const later = event({ type: 'version.blessed/1' as 'version.staged/1', body: {} });
  expect(activityNodes(telling(later), now)).toEqual([]);
});
