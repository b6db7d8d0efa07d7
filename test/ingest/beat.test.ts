import { expect, onTestFinished, test, vi } from 'vitest';
import { beating } from '../../daemon/ingest/beat.ts';

function beatAtRest(): { times: () => number; wake(): void; close(): void } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let times = 0;
  const beat = beating(
    () => (times += 1),
    () => true,
  );
  vi.advanceTimersByTime(50);
  expect(times).toBe(1);
  return { times: () => times, ...beat };
}

test('at rest it looks four times a second', () => {
  const { times } = beatAtRest();
  vi.advanceTimersByTime(1000);
  expect(times()).toBe(5);
});

test('woken at rest it looks 50 ms later, once, however often it is woken', () => {
  const { times, wake } = beatAtRest();
  wake();
  vi.advanceTimersByTime(30);
  wake();
  vi.advanceTimersByTime(20);
  expect(times()).toBe(2);
  vi.advanceTimersByTime(200);
  expect(times()).toBe(2);
});

test('closed it never looks again, woken or not', () => {
  const { times, wake, close } = beatAtRest();
  close();
  wake();
  vi.advanceTimersByTime(5000);
  expect(times()).toBe(1);
});

test('work that throws is done again', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let times = 0;
  const { close } = beating(
    () => {
      times += 1;
      throw new Error('once');
    },
    () => false,
  );
  for (let turn = 0; turn < 3; turn += 1) expect(() => vi.advanceTimersByTime(50)).toThrow('once');
  expect(times).toBe(3);
  close();
});
