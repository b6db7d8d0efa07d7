import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { follow } from '../../../daemon/clients/client/follow.ts';
import type { RunSave } from '../../../daemon/protocol/routes/watch.ts';
import type { Route } from '../../../daemon/protocol/routes.ts';
import { sweep } from '../../../daemon/registry/garbage-collect.ts';
import { apply, nothing, type Mirror } from '../../../extension/mirror/reducer.ts';
import { Reader } from '../../../extension/mirror/sync.ts';
import { copySample, startService, until, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

interface Mirrored {
  mirror(): Mirror;
  /** Returns the routes that were requested since the last call. */
  asked(): Route[];
}

/** Keeps a mirror of a registry as a window does: reads it once, then only after messages of the stream. */
async function mirrored({ client, daemon }: TestService): Promise<Mirrored> {
  let mirror = nothing;
  let asked: Route[] = [];
  const counting: typeof client = Object.assign(Object.create(client) as typeof client, {
    call: ((route, request) => {
      asked.push(route);
      return client.call(route, request);
    }) as typeof client.call,
  });
  const failures: unknown[] = [];
  const reader = new Reader({
    client: () => counting,
    mirror: () => mirror,
    pageSize: () => 20,
    change: (change) => void (mirror = apply(mirror, change)),
    failed: (error) => failures.push(error),
  });
  let isHeard = false;
  const follower = follow({
    find: () => Promise.resolve(daemon.file),
    onMessage: (message) => {
      isHeard = true;
      reader.hear(message);
    },
  });
  onTestFinished(() => {
    follower.close();
    reader.forget();
    expect(failures).toEqual([]);
  });
  await until(() => isHeard, 'the stream');
  await reader.readAll();
  const take = (): Route[] => {
    const taken = asked;
    asked = [];
    return taken;
  };
  return { mirror: () => mirror, asked: take };
}

/** Ways to remove the bytes of saves, and the text that is then shown. */
const waysToGiveUp: [string, (service: TestService) => Promise<unknown>, string][] = [
  [
    'a person gives up',
    ({ client }) => client.call('POST /candidates/clean-up', {}),
    'Its bytes were given up by a person.',
  ],
  [
    'a day gives up',
    ({ daemon }) => sweep({ ...daemon.context, now: () => Date.now() + 25 * 3600_000 }),
    'Its bytes were given up 24 hours after its run had ended.',
  ],
];

test.each(waysToGiveUp)(
  'a run that ends comes with its saves, and what %s of them is told, with no message but those of the stream',
  async (_way, giveUp, reason) => {
    const service = await startService();
    await service.client.call('POST /roots', { path: service.out });
    const { mirror } = await mirrored(service);
    expect(mirror().ended).toEqual([]);
    const training = train(
      service.folder,
      `save('out/churn/epoch=1-val_loss=0.5.safetensors', 1); await sleep(800);
       save('out/churn/epoch=2-val_loss=0.4.safetensors', 2); await sleep(800);`,
    );
    await training.ended;
    const [run] = await until(() => mirror().ended.length > 0 && mirror().ended, 'the run in the mirror', 15_000);
    expect(run).toMatchObject({ id: join(service.out, 'churn'), status: 'finished' });
    const saves = (): readonly RunSave[] => mirror().ended[0]?.saves ?? [];
    expect(saves().map(({ version, lost }) => version ?? lost)).toEqual([null, 'churn@1']);
    await giveUp(service);
    await until(() => typeof saves()[0]?.lost === 'string', 'the loss in the mirror');
    expect(saves().map(({ version, lost }) => version ?? lost)).toEqual([reason, 'churn@1']);
  },
);

test('what has nothing to do with a run that ended does not have the runs read again', async () => {
  const service = await startService();
  await service.client.call('POST /roots', { path: service.out });
  const { mirror, asked } = await mirrored(service);
  expect(asked()).toContain('GET /runs');
  copySample('sklearn/iris-script/outputs/v1', join(service.out, 'iris'));
  await until(() => mirror().models.length > 0, 'a model in the mirror');
  await until(() => mirror().status?.versions === 1, 'the status after it');
  expect(asked()).not.toContain('GET /runs');
});
