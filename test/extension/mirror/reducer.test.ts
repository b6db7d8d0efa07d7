import { expect, test } from 'vitest';
import { apply, nothing, versionsOf } from '../../../extension/mirror/reducer.ts';
import { event, model, opened, version } from '../../support/models.ts';

const two = apply(nothing, { kind: 'models', models: [model({ name: 'a' }), model({ name: 'b' })], at: 1 });

test('a changed model comes first, and one that is gone is left out', () => {
  const changed = apply(two, { kind: 'model', name: 'b', model: model({ name: 'b' }), at: 2 });
  expect(changed.models.map(({ name }) => name)).toEqual(['b', 'a']);
  const gone = apply(changed, { kind: 'model', name: 'a', model: undefined, at: 3 });
  expect(gone.models.map(({ name }) => name)).toEqual(['b']);
});

test('an older answer about a model does not put it before one that changed later', () => {
  const changed = apply(two, { kind: 'model', name: 'b', model: model({ name: 'b', updatedAt: 5 }), at: 2 });
  expect(changed.models.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a model called like a property of every object is a model like any other', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(versionsOf(nothing, name)).toEqual([]);
    const mirror = apply(nothing, { kind: 'versions', model: name, versions: [version({ model: name })], more: false });
    expect(versionsOf(mirror, name)).toHaveLength(1);
  }
});

test('versions of a model that is gone are forgotten', () => {
  const mirror = apply(opened(), { kind: 'models', models: [], at: 1 });
  expect(versionsOf(mirror, 'churn')).toEqual([]);
});

test('an event that is told twice stands once, the newest first, at most two hundred', () => {
  let mirror = nothing;
  for (let seq = 1; seq <= 250; seq += 1) mirror = apply(mirror, { kind: 'happened', event: event({ seq }) });
  mirror = apply(mirror, { kind: 'happened', event: event({ seq: 249 }) });
  expect(mirror.activity).toHaveLength(200);
  expect(mirror.activity.slice(0, 3).map(({ seq }) => seq)).toEqual([250, 249, 248]);
});

test('work that is done is no longer under way', () => {
  const subject = 'churn@8';
  const begun = apply(nothing, { kind: 'progress', task: 'verify', subject, done: 1, total: 2 });
  expect([...begun.progress.values()]).toEqual([{ done: 1, total: 2 }]);
  expect(apply(begun, { kind: 'progress', task: 'verify', subject, done: 2, total: 2 }).progress.size).toBe(0);
});

test('the mirror before a change stays as it was', () => {
  const before = structuredClone(two);
  apply(two, { kind: 'model', name: 'a', model: undefined, at: 9 });
  apply(two, { kind: 'happened', event: event() });
  expect(two).toEqual(before);
});
