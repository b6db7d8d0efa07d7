import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../support/daemon.ts';
import { commandLine, irisOutputs } from './plinth.ts';

const { out, folder } = commandLine();
const watched = join(folder, 'watched');

beforeAll(async () => {
  const outputs = irisOutputs(join(folder, 'made'));
  mkdirSync(watched);
  await out('watch', watched);
  for (const version of ['v1', 'v2'])
    cpSync(join(outputs, version), join(watched, 'iris', version), { recursive: true });
  await until(async () => (await out('ls', 'iris').catch(() => '')).includes('v2'), 'two versions', 20_000);
}, 40_000);

test('what why says of a folder agrees with identify', { timeout: 30_000 }, async () => {
  for (const version of ['v1', 'v2']) {
    const place = join(watched, 'iris', version);
    const [, reference] = /(iris@\d)/.exec(await out('identify', place))!;
    const why = await out('why', place);
    expect(why).toMatch(/Contains .*model\.joblib/);
    expect(why).toContain(reference);
  }
  const both = await out('why', join(watched, 'iris'));
  for (const reference of ['iris@1', 'iris@2']) expect(both).toContain(reference);
  const elsewhere = await out('why', join(folder, 'made', 'outputs', 'v1'));
  expect(elsewhere).toContain('Not in a watched folder');
  expect(elsewhere).toMatch(/iris@\d/);
});
