import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { RegistryError } from '../../daemon/errors.ts';
import type { Role } from '../../daemon/protocol/token.ts';
import { copySample, startService, type TestService, type ServiceOptions } from '../support/daemon.ts';

const rules = `models:
  - match: iris
    gates: { production: [{ gate: approvals, count: 2 }] }
`;
const one = { model: 'iris', version: '1' };
const production = { ...one, stage: 'production' };

async function asked(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startService(wanted);
  mkdirSync(join(service.out, '.git'));
  writeFileSync(join(service.out, 'plinth.yaml'), rules);
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(service.out, 'model.joblib'));
  await service.client.call('POST /register', { path, model: 'iris' });
  return service;
}

async function person(service: TestService, owner: string, role: Role, again = false): Promise<Client> {
  const { token } = await service.client.call('POST /tokens', { owner, role, again });
  return connect({ ...service.daemon.file, token }, 'test');
}

async function told(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'done',
    (error: unknown) => (error instanceof RegistryError ? `${error.code}: ${error.message}` : String(error)),
  );
}

async function gate({ client }: TestService): Promise<string> {
  const { gates } = await client.call('GET /models/:model/versions/:version/gates', production);
  return `${gates[0]?.outcome}: ${gates[0]?.detail}`;
}

test('two people other than the author open the way, whoever they claim to be', async () => {
  const service = await asked();
  expect((await service.client.call('GET /models', {})).items).toMatchObject([{ name: 'iris', asksApproval: true }]);
  await service.client.call('POST /models/:model/versions/:version/ask-approval', { ...production, reason: 'ready' });
  expect((await service.client.call('GET /approvals', {})).requests).toMatchObject([
    { model: 'iris', number: 1, name: 'production', text: 'ready', said: [] },
  ]);
  const bo = await person(service, 'bo', 'approver');
  const laptop = await person(service, 'bo', 'approver', true);
  const approve = (who: Client): Promise<string> =>
    told(who.call('POST /models/:model/versions/:version/approve', { ...production, comment: 'looked' }));
  expect(await approve(service.client)).toBe('done');
  expect(await gate(service)).toMatch(/failed: 0 of 2 approvals; \w+ made it and does not count/);
  expect(await approve(bo)).toBe('done');
  expect(await approve(laptop)).toBe('done');
  expect(await gate(service)).toContain('failed: 1 of 2');
  expect(await told(bo.call('POST /models/:model/versions/:version/promote', production))).toMatch(
    /^gate-failed: .*approvals/,
  );
  expect(await approve(await person(service, 'cy', 'approver'))).toBe('done');
  expect(await gate(service)).toBe('passed: approved by bo, cy');
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', production);
  expect(receipt.gates.map(({ gate: name }) => name)).toEqual(['bytes', 'approvals']);
  expect((await service.client.call('GET /approvals', {})).requests).toEqual([]);
});

test('a rejection has a comment and stops the version until the same person approves it', async () => {
  const service = await asked();
  const [bo, cy, di] = [
    await person(service, 'bo', 'approver'),
    await person(service, 'cy', 'admin'),
    await person(service, 'di', 'approver'),
  ];
  const approve = (who: Client): Promise<string> =>
    told(who.call('POST /models/:model/versions/:version/approve', production));
  await approve(bo);
  await approve(cy);
  const empty = di.call('POST /models/:model/versions/:version/reject', { ...production, comment: ' ' });
  expect(await told(empty)).toContain('A rejection needs a comment');
  await di.call('POST /models/:model/versions/:version/reject', { ...production, comment: 'biased' });
  expect(await gate(service)).toBe('failed: rejected by di: biased');
  await approve(di);
  expect(await gate(service)).toContain('passed');
});

test('whoever approves what they registered is told that it does not count', async () => {
  const service = await asked();
  const own = await service.client.call('POST /models/:model/versions/:version/approve', production);
  expect(own.note).toMatch(/registered iris@1: where gates ask for approvals, this one does not count/);
  const bo = await person(service, 'bo', 'approver');
  expect((await bo.call('POST /models/:model/versions/:version/approve', production)).note).toBeUndefined();
});

test('another name leads past no rule', async () => {
  const service = await asked();
  writeFileSync(join(service.out, 'plinth.yaml'), `${rules}  - match: '*'\n`);
  const bo = await person(service, 'bo', 'contributor');
  const rename = (who: Client): Promise<string> =>
    told(who.call('POST /models/:model/rename', { model: 'iris', name: 'rose' }));
  expect(await rename(bo)).toMatch(/^forbidden: By .*, a model named rose has another policy than iris/);
  expect(await rename(service.client)).toBe('done');
});

test('a contributor approves nothing, and only an admin goes past the gates', async () => {
  const service = await asked();
  const bo = await person(service, 'bo', 'contributor');
  expect(await told(bo.call('POST /models/:model/versions/:version/approve', production))).toMatch(/^forbidden/);
  const past = { ...production, bypass: true, reason: 'outage' };
  expect(await told(bo.call('POST /models/:model/versions/:version/promote', past))).toMatch(
    /^forbidden: .*only an admin/,
  );
  expect(await told(service.client.call('POST /models/:model/versions/:version/promote', past))).toBe('done');
});

test('approvals expire after thirty days and requests when they said so, also when the clock was set back', async () => {
  let now = 1_800_000_000_000;
  const service = await asked({ now: () => now });
  for (const name of ['bo', 'cy']) {
    const who = await person(service, name, 'approver');
    await who.call('POST /models/:model/versions/:version/approve', production);
  }
  await service.client.call('POST /models/:model/versions/:version/ask-approval', { ...production, days: 2 });
  expect(await gate(service)).toContain('passed');
  now += 3 * 86_400_000;
  expect((await service.client.call('GET /approvals', {})).requests).toEqual([]);
  expect(await gate(service)).toContain('passed');
  now += 28 * 86_400_000;
  expect(await gate(service)).toContain('failed: 0 of 2');
  await service.client.call('POST /models/:model/describe', { model: 'iris', description: 'later' });
  now -= 28 * 86_400_000;
  expect(await gate(service)).toContain('failed: 0 of 2');
});
