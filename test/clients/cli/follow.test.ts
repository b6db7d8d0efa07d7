import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findDaemon } from '../../../daemon/clients/client/discover.ts';
import { follow } from '../../../daemon/clients/client/follow.ts';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import type { StreamMessage } from '../../../daemon/protocol/stream.ts';

const dataFolder = mkdtempSync(join(tmpdir(), 'plinth-follow-'));

function start(): Promise<Daemon> {
  return startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
}

async function ignorePattern(daemon: Daemon, pattern: string): Promise<void> {
  await connect(daemon.file, 'test').call('POST /ignored', { pattern });
}

test('a follower misses nothing of what happened while the service was away', async () => {
  let daemon = await start();
  onTestFinished(async () => {
    await daemon.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  const messages: StreamMessage[] = [];
  const losses: number[] = [];
  const follower = follow({
    find: async () => {
      const file = await findDaemon(dataFolder);
      if (!file) throw new Error('it is away');
      return file;
    },
    onMessage: (message) => messages.push(message),
    onLost: (_, retryMs) => losses.push(retryMs),
  });
  onTestFinished(() => follower.close());
  const patterns = (): unknown[] =>
    messages.flatMap((message) => (message.kind === 'event' ? [message.event.body['pattern']] : []));

  await expect.poll(() => messages.length).toBe(1);
  await ignorePattern(daemon, 'one');
  await expect.poll(patterns).toEqual(['one']);
  await daemon.stop();
  await expect.poll(() => losses.length).toBeGreaterThan(0);
  daemon = await start();
  await ignorePattern(daemon, 'two');
  await ignorePattern(daemon, 'three');
  await expect.poll(patterns, { timeout: 5000 }).toEqual(['one', 'two', 'three']);
  expect(losses[0]).toBe(500);
  expect(follower.position()?.seq).toBe(3);

  follower.close();
  await ignorePattern(daemon, 'four');
  expect(patterns()).toHaveLength(3);
});
