import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PendingArtifacts } from '../../../daemon/ingest/settle/pending-artifacts.ts';
import type { Pending } from '../../../daemon/ingest/settle/pending.ts';

function saveIn(folder: string, name: string, writtenAt: number): Pending {
  const path = `/out/${folder}/${name}`;
  return {
    files: {
      root: '/out',
      folder: `/out/${folder}`,
      path,
      recogniser: 'safetensors',
      group: { primary: name, files: [name], wholeFolder: false },
    },
    fingerprint: { text: path, size: 1, writtenAt },
    name,
    changedAt: writtenAt,
    dueAt: writtenAt,
    busy: false,
    inspected: false,
    known: undefined,
    incomplete: undefined,
    overwritten: [],
  };
}

/** Takes what is due, one after another, each after the artifacts were sorted again. */
async function takeAll(pending: PendingArtifacts, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let n = 0; n < count; n += 1) {
    await sleep(20);
    const next = pending.takeDue(10_000);
    if (!next) break;
    taken.push(next.files.path.slice('/out/'.length));
    pending.delete(next.files.path);
  }
  return taken;
}

test('folders take turns, each in the order of its writes, and a new folder waits for one turn of the others at most', async () => {
  const pending = new PendingArtifacts();
  for (let n = 1; n <= 9; n += 1)
    for (const folder of ['a', 'b', 'c']) pending.add(saveIn(folder, `net-${n}`, 100 * n));
  expect(await takeAll(pending, 4)).toEqual(['a/net-1', 'b/net-1', 'c/net-1', 'a/net-2']);
  pending.add(saveIn('d', 'other', 5000));
  expect(await takeAll(pending, 3)).toContain('d/other');
  expect(await takeAll(pending, 100)).toHaveLength(21);
  expect(pending.size).toBe(0);
});

test('an artifact is found by its folder, by folders above it and by its name, until it is deleted', () => {
  const pending = new PendingArtifacts();
  const [first, second] = [saveIn('a/run', 'net', 1), saveIn('b', 'net', 2)];
  for (const one of [first, second]) pending.add(one);
  expect([...pending.below('/out/a')]).toEqual([first]);
  expect([...pending.below('/out')]).toEqual([first, second]);
  expect([...pending.inFolder('/out/b')]).toEqual([second]);
  expect(pending.hasEarlier(second)).toBe(true);
  pending.update(first, { name: 'other' });
  expect(pending.hasEarlier(second)).toBe(false);
  pending.update(first, { name: 'net' });
  pending.delete(first.files.path);
  expect([pending.hasEarlier(second), pending.size, [...pending.below('/out/a')]]).toEqual([false, 1, []]);
});
