import { expect, test } from 'vitest';
import type { Notice } from '../../../daemon/protocol/routes/webhooks.ts';
import { noticesText, noticeText } from '../../../extension/notices/notice-text.ts';
import { OwnActs } from '../../../extension/own-acts.ts';

function notice(change: Partial<Notice> = {}): Notice {
  const about = { model: 'churn', version: 8, pointer: 'production', from: 7, to: 8 };
  return { kind: 'promoted', text: '', ...about, actor: 'ana/cli', reason: '', at: 0, event: 5, ...change };
}

test('a notice says who did what to which version, and several become one with the latest', () => {
  expect(noticeText(notice())).toBe('ana promoted churn v8 to production (was v7).');
  expect(noticeText(notice({ from: null }))).toContain('(was empty)');
  expect(noticeText(notice({ kind: 'rolled-back', to: 6 }))).toBe(
    'ana rolled back production of churn to v6 (was v7).',
  );
  expect(noticeText(notice({ kind: 'gate-failed', event: null }))).toBe(
    'Gates refused a promotion of churn v8 to production by ana.',
  );
  expect(noticeText(notice({ kind: 'approval-requested' }))).toBe('ana requested approval of churn v8 for production.');
  expect(noticeText(notice({ kind: 'version-damaged' }))).toBe('Files of churn v8 are corrupted.');
  const many = noticesText([notice(), notice({ kind: 'version-damaged' })]);
  expect(many).toBe('2 changes in the registry. The latest: Files of churn v8 are corrupted.');
  expect(noticesText([])).toBe('');
});

test('a hostile name makes no link, turns no text around and is not endless', () => {
  const text = noticeText(notice({ model: '[x](command:evil)', actor: `\u202e\n${'a'.repeat(500)}` }));
  expect(text).not.toMatch(/\[|\]|\u202e|\n/);
  expect(text.length).toBeLessThan(300);
});

test("a window's own acts are known while their request is under way and by the event in its reply, and no others", async () => {
  const acts = new OwnActs();
  const reply = Promise.withResolvers<{ seq: number }>();
  const sent = acts.follow({ model: 'churn' }, () => reply.promise);
  expect([acts.has(notice()), acts.has(notice({ model: 'fraud' }))]).toEqual([true, false]);
  reply.resolve({ seq: 5 });
  await sent;
  expect([acts.has(notice()), acts.has(notice({ event: 6 }))]).toEqual([true, false]);
  const refused = acts.follow({ model: 'churn' }, () => Promise.reject(new Error('gates')));
  await expect(refused).rejects.toThrow('gates');
  expect(acts.has(notice({ kind: 'gate-failed', event: null }))).toBe(true);
  expect(acts.has(notice({ kind: 'gate-failed', event: null, model: 'fraud' }))).toBe(false);
  expect(acts.has(notice({ event: 6 }))).toBe(false);
});

test('an undo, which names no model, is an own act by the event that it makes', async () => {
  const acts = new OwnActs();
  await acts.follow({ seq: 5 }, () => Promise.resolve({ seq: 9 }));
  expect([acts.has(notice({ event: 9 })), acts.has(notice({ event: 5 }))]).toEqual([true, false]);
});
