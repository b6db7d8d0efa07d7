import { expect, onTestFinished, test } from 'vitest';
import { apply } from '../../daemon/db/apply/apply.ts';
import { openDatabase, type Database } from '../../daemon/db/database.ts';
import { append } from '../../daemon/db/log.ts';
import { searchVersions } from '../../daemon/db/searchable.ts';
import type { Condition, Ordering } from '../../daemon/db/search.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { version } from '../bench/version.ts';
import { computed, temporary } from '../support/daemon.ts';

const many = 6000;

/** Versions of two models: every one has `all`, every second `half`, three of each model `rare`. */
function registry(): Database {
  const db = openDatabase(temporary());
  onTestFinished(() => db.close());
  db.raw.transaction(() => {
    let at = 0;
    const add = (event: NewEvent): void => apply(db, append(db, event, (at += 1), 'test'));
    for (const model of ['a', 'b']) {
      add({ type: 'model.created/1', body: { model, name: model } });
      for (let number = 1; number <= many / 2; number += 1) {
        add({ type: 'version.registered/1', body: version(model, number) });
        const put = (key: string): void =>
          add({ type: 'version.tagged/1', body: { model, number, key, value: 'yes' } });
        put('all');
        if (number % 2 === 0) put('half');
        if (number % 1000 === 0) put('rare');
      }
    }
    add({ type: 'version.deleted/1', body: { model: 'a', number: 1000, until: 1, reason: '' } });
  })();
  return db;
}

function tag(key: string, value = 'yes'): Condition {
  return { on: 'tag', key, operator: '=', value };
}

test('versions are found by tags, whether few or many have them, in the order of their last change', () => {
  const db = registry();
  const found = (conditions: Condition[], order: Ordering[] = [], limit = 4, offset = 0): string[] =>
    searchVersions(db, false, { conditions, order, limit, offset }).map(({ model, number }) => `${model}${number}`);
  const rare = ['b3000', 'b2000', 'b1000', 'a3000'];
  expect(found([tag('rare')])).toEqual(rare);
  expect(found([tag('rare')], [], 4, 4)).toEqual(['a2000']);
  expect(found([tag('all'), tag('rare')])).toEqual(rare);
  expect(found([tag('rare'), tag('half'), tag('all')])).toEqual(rare);
  expect(found([tag('all')])).toEqual(['b3000', 'b2999', 'b2998', 'b2997']);
  expect(found([tag('half')])).toEqual(['b3000', 'b2998', 'b2996', 'b2994']);
  expect(found([tag('rare', 'no')])).toEqual([]);
  expect(found([tag('all'), tag('half', 'no')])).toEqual([]);
  const ascending = { on: 'attribute' as const, key: 'version_number', descending: false };
  expect(found([tag('rare')], [ascending], 5)).toEqual(['b1000', 'a2000', 'b2000', 'a3000', 'b3000']);
  const ofOne: Condition = { on: 'attribute', key: 'name', operator: '=', value: 'a' };
  expect(found([ofOne, tag('rare')])).toEqual(['a3000', 'a2000']);
  expect(found([{ ...tag('rare'), operator: '!=', value: 'no' }])).toEqual(rare);
});

test('a tag that no version has is looked up without reading all versions', () => {
  const db = registry();
  const ask = (condition: Condition): number => {
    const began = computed();
    for (let n = 0; n < 20; n += 1)
      searchVersions(db, false, { conditions: [condition], order: [], limit: 10, offset: 0 });
    return computed() - began;
  };
  ask(tag('rare', 'none'));
  const whole = ask({ ...tag('rare', 'none'), operator: '!=' as const, value: 'yes' });
  expect(ask(tag('rare', 'none'))).toBeLessThan(whole / 5);
});
