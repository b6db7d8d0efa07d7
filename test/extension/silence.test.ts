import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unlessSilent, type SignsOfLife } from '../../extension/silence.ts';

const silent = (): Error => new Error('silent');

function signs(change: Partial<SignsOfLife> = {}): SignsOfLife {
  const ask = (): Promise<void> => Promise.reject(new Error('gone'));
  return { onMessage: () => () => undefined, ask, tickMs: 5, askAfterTicks: 2, silentAfterTicks: 6, ...change };
}

test('work of a service that is gone or never answers ends with a sentence, once', async () => {
  const never = new Promise<string>(() => undefined);
  await expect(unlessSilent(never, signs(), silent)).rejects.toThrow('silent');
  let asked = 0;
  const hangs = signs({ ask: () => ((asked += 1), new Promise(() => undefined)) });
  await expect(unlessSilent(never, hangs, silent)).rejects.toThrow('silent');
  expect(asked).toBe(1);
});

test('work may take any time while the service speaks or answers, and its own end is what counts', async () => {
  const slow = (): Promise<string> => sleep(150, 'done');
  await expect(unlessSilent(slow(), signs({ ask: () => Promise.resolve() }), silent)).resolves.toBe('done');
  let forgotten = false;
  const speaks = signs({
    onMessage: (heard) => {
      const timer = setInterval(heard, 5);
      return () => {
        forgotten = true;
        clearInterval(timer);
      };
    },
  });
  await expect(unlessSilent(slow(), speaks, silent)).resolves.toBe('done');
  expect(forgotten).toBe(true);
  await expect(unlessSilent(Promise.reject(new Error('refused')), signs(), silent)).rejects.toThrow('refused');
});

test('work that fails after its wait was given up harms nothing', async () => {
  const late = sleep(60).then(() => Promise.reject(new Error('late')));
  await expect(unlessSilent(late, signs(), silent)).rejects.toThrow('silent');
  await sleep(60);
});
