import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { paced } from '../../../extension/trees/paced.ts';

test('what changes all the time is drawn at once, then in a steady pace, and as it is at the end', async () => {
  let [value, drawn] = [0, -1];
  const times: number[] = [];
  const draw = paced(() => {
    drawn = value;
    times.push(performance.now());
  }, 50);
  const began = performance.now();
  draw();
  expect(drawn).toBe(0);
  while (performance.now() - began < 300) {
    value += 1;
    draw();
    await sleep(5);
  }
  expect(times.length).toBeGreaterThan(2);
  await sleep(60);
  expect(drawn).toBe(value);
  const pauses = times.slice(1).map((time, index) => time - times[index]!);
  // A timer may fire a little early by this clock.
  expect(Math.min(...pauses)).toBeGreaterThan(40);
});
