import { expect, test } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { exported } from '../../daemon/clients/cli/text/audit-formats.ts';
import { startService, threeVersions } from '../support/daemon.ts';

test('history is searched by person, model, action and time, and its head proves it', async () => {
  let now = 1_800_000_000_000;
  const service = await startService({ now: () => now });
  const model = await threeVersions(service.client);
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'contributor' });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  now += 1000;
  await bo.call('POST /models/:model/describe', { model, description: 'by bo' });
  now -= 5000;
  await bo.call('POST /models/:model/tag', { model, key: 'team', value: 'risk' });
  /** Leaves out lineage, which is recorded independently, whenever it is found. */
  const types = async (filter: object): Promise<string[]> =>
    (await service.client.call('GET /audit', filter)).items
      .map(({ type }) => type)
      .filter((type) => type !== 'version.lineage/1');
  expect(await types({ actor: 'bo' })).toEqual(['model.tagged/1', 'model.described/1']);
  expect(await types({ actor: 'bo/test', action: 'model.tag' })).toEqual(['model.tagged/1']);
  expect(await types({ actor: 'b' })).toEqual([]);
  expect(await types({ actor: "' OR 1=1 --" })).toEqual([]);
  expect(await types({ action: 'token' })).toEqual(['token.made/1']);
  expect(await types({ model, from: 1_800_000_001_000 })).toEqual(['model.tagged/1', 'model.described/1']);
  expect(await types({ model, to: 1_799_999_999_999 })).toEqual([]);
  const whole = await service.client.call('GET /audit', { limit: 2 });
  expect(whole.items[0]?.hash).toBe(whole.head);
  const next = await service.client.call('GET /audit', { limit: 2, cursor: whole.next ?? '' });
  expect(next.items[0]?.seq).toBe(whole.seq - 2);
});

test('what is exported is no formula in a spreadsheet and no markup in a page', async () => {
  const service = await startService();
  const model = await threeVersions(service.client);
  await service.client.call('POST /models/:model/versions/:version/comment', {
    model,
    version: '1',
    text: '<b>"x", y</b>\n| z',
  });
  const { items, seq, head } = await service.client.call('GET /audit', { action: 'version.commented' });
  const [event] = items;
  const [columns, row] = exported('csv', [{ ...event!, actor: '=HYPERLINK("x")' }], `${seq} ${head}`);
  expect(columns).toBe('event,time,actor,asserted,action,model,version,what,hash');
  expect(row).toContain(`,"'=HYPERLINK(""x"")",,version.commented/1,iris,1,`);
  const markdown = exported('md', items, `${seq} ${head}`);
  expect(markdown[2]).toContain('\\<b\\>"x", y\\</b\\> \\| z');
  expect(markdown.at(-1)).toBe(`Head of the log: ${seq} ${head}`);
  expect(JSON.parse(exported('json', items, 'h').join('\n'))).toEqual({ head: 'h', events: items });
});

test('models that somebody should look after are listed with the reasons', async () => {
  let now = 1_800_000_000_000;
  const service = await startService({ now: () => now });
  const model = await threeVersions(service.client);
  const reasons = async (): Promise<string[]> =>
    (await service.client.call('GET /review', {})).models.flatMap((one) => one.reasons);
  expect(await reasons()).toEqual(['No owner. Set owner in plinth.yaml or in the model card.', 'No model card.']);
  const front = ['owner: ana', 'license: MIT', 'intended use: flowers', 'limitations: three', 'training data: iris'];
  const text = `---\n${front.join('\n')}\nevaluation: held out\n---\n`;
  await service.client.call('POST /models/:model/card', { model, text });
  expect(await reasons()).toEqual([]);
  now += 91 * 86_400_000;
  expect(await reasons()).toEqual(['No review for 91 days.']);
  await service.client.call('POST /models/:model/versions/:version/comment', { model, version: '3', text: 'looked' });
  expect(await reasons()).toEqual([]);
});
