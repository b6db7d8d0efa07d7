import { expect, onTestFinished, test, vi } from 'vitest';
import { startPollLoop } from '../../daemon/runtime/poll-loop.ts';

function beatAtRest(): { times: () => number; wake(): void; close(): void } {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let times = 0;
  const beat = startPollLoop(
    () => (times += 1),
    () => true,
    () => undefined,
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

test('what the work throws is told, and the work is done again', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const told: unknown[] = [];
  const { close } = startPollLoop(
    () => {
      throw new Error(`round ${told.length}`);
    },
    () => false,
    (error) => void told.push(error),
  );
  vi.advanceTimersByTime(150);
  expect(told.map(String)).toEqual(['Error: round 0', 'Error: round 1', 'Error: round 2']);
  close();
});
