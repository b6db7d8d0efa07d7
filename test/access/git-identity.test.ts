import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import { startService, temporary, threeVersions, until, type TestService } from '../support/daemon.ts';

/** Sets the user's name in a git configuration of its own. */
function gitKnows(name: string): string {
  const home = temporary();
  writeFileSync(join(home, '.gitconfig'), `[user]\n  name = ${name}\n  email = ana@example.org\n`);
  for (const variable of ['HOME', 'XDG_CONFIG_HOME', 'USERPROFILE']) vi.stubEnv(variable, home);
  onTestFinished(() => void vi.unstubAllEnvs());
  return home;
}

async function noted({ client }: Pick<TestService, 'client'>, count: number): Promise<void> {
  const people = async (): Promise<number> => (await client.call('GET /audit', { action: 'person' })).items.length;
  await until(async () => (await people()) === count, `${count} names`);
}

test('the local user goes by the name and e-mail that git knows, said to be asserted, as they were then', async () => {
  gitKnows('Ana Gomez');
  const service = await startService({ recordsUser: true });
  await noted(service, 1);
  const model = await threeVersions(service.client);
  const move = { model, version: '1', stage: 'production' };
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', move);
  expect(receipt.asserted).toBe('Ana Gomez <ana@example.org>');
  await service.client.call('POST /models/:model/versions/:version/approve', { ...move, stage: 'staging' });
  const { approvals } = await service.client.call('GET /models/:model/versions/:version/approvals', {
    model,
    version: '1',
  });
  expect(approvals[0]?.asserted).toBe('Ana Gomez <ana@example.org>');
  const { token } = await service.client.call('POST /tokens', { owner: 'bo', role: 'contributor' });
  const bo = connect({ ...service.daemon.file, token }, 'test');
  await bo.call('POST /models/:model/tag', { model, key: 'team', value: 'risk' });
  await service.daemon.stop();
  gitKnows('Ana Gómez-Ruiz');
  const config = configure({ version: '0.0.0', dataFolder: join(service.folder, 'data'), recordsUser: true });
  const again = await startDaemon(config, silent);
  onTestFinished(() => again.stop());
  const client = connect(again.file, 'test');
  await noted({ client }, 2);
  await client.call('POST /models/:model/tag', { model, key: 'team', value: 'growth' });
  const { items } = await client.call('GET /audit', { action: 'model.tagged' });
  expect(items.map(({ asserted }) => asserted)).toEqual(['Ana Gómez-Ruiz <ana@example.org>', undefined]);
  const { items: moves } = await client.call('GET /audit', { action: 'pointer' });
  expect(moves[0]?.asserted).toBe('Ana Gomez <ana@example.org>');
});

test("no repository's own configuration says who somebody is", async () => {
  gitKnows('Ana Gomez');
  const folder = temporary();
  execFileSync('git', ['init', '-q', folder]);
  appendFileSync(join(folder, '.git', 'config'), '[user]\n  name = Mallory\n');
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const service = await startService({ recordsUser: true });
  await noted(service, 1);
  const { items } = await service.client.call('GET /audit', { action: 'person' });
  expect(items[0]?.body).toMatchObject({ name: 'Ana Gomez' });
});
