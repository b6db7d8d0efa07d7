import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rebuild } from '../../../daemon/db/rebuild.ts';
import { trustedFile } from '../../../daemon/db/policy/policies.ts';
import { RegistryError } from '../../../daemon/errors.ts';
import { runCommand } from '../../../daemon/registry/gates/command/run.ts';
import { copySample, startService, temporary, type TestService } from '../../support/daemon.ts';

const one = { model: 'iris', version: '1', stage: 'production' };

async function commanded(run: string, more = ''): Promise<TestService & { file: string }> {
  const service = await startService();
  mkdirSync(join(service.out, '.git'));
  const file = join(service.out, 'plinth.yaml');
  writeFileSync(
    file,
    `models: [{match: iris, gates: {production: [{gate: command, run: ${JSON.stringify(run)}${more}}]}}]\n`,
  );
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(service.out, 'model.joblib'));
  await service.client.call('POST /register', { path, model: 'iris' });
  return { ...service, file };
}

async function gate({ client }: TestService): Promise<string> {
  const { gates } = await client.call('POST /models/:model/versions/:version/gates', one);
  return `${gates[0]?.outcome}: ${gates[0]?.detail}`;
}

async function refused(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'done',
    (error: unknown) => (error instanceof RegistryError ? error.message : String(error)),
  );
}

test('nothing that a file names runs before a person trusts its text', async () => {
  const service = await commanded('touch ran');
  const ran = join(service.out, 'ran');
  expect(await gate(service)).toContain('are not trusted, so none of them runs');
  expect(await refused(service.client.call('POST /models/:model/versions/:version/promote', one))).toContain(
    'not trusted',
  );
  expect(existsSync(ran)).toBe(false);
  const shown = await service.client.call('GET /trust', { path: service.out });
  expect(shown).toMatchObject({ path: service.file, trusted: false, commands: ['touch ran'] });
  await service.client.call('POST /trust', { path: service.out, digest: shown.digest });
  expect(await gate(service)).toBe('passed: it exited with 0');
  expect(existsSync(ran)).toBe(true);
  writeFileSync(
    service.file,
    `# changed\nmodels: [{match: iris, gates: {production: [{gate: command, run: touch ran}]}}]\n`,
  );
  expect(await gate(service)).toContain('are not trusted');
  const stale = service.client.call('POST /trust', { path: service.out, digest: shown.digest });
  expect(await refused(stale)).toContain('has changed');
});

test('a command sees the version, and what it says is kept as evidence and weighed by every door', async () => {
  const service = await commanded('test -s "$PLINTH_PATH" && echo "$PLINTH_REFERENCE" && test -z "$PLINTH_TOKEN"');
  await service.client.call('POST /trust', { path: service.file });
  const receipt = await service.client.call('POST /models/:model/versions/:version/promote', one);
  expect(receipt.gates[1]).toMatchObject({ outcome: 'passed', detail: 'it exited with 0: iris@1', actual: 'exit 0' });
  const { evidence } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '1',
  });
  expect(evidence.some(({ source, actor }) => source.startsWith('command ') && actor === 'gate')).toBe(true);
});

test.each([
  ['echo wrong >&2; exit 3', '', 'failed: it exited with 3: wrong'],
  ['no-such-program-at-all', '', 'failed: it exited with 127'],
  ['sleep 60', ', timeout: 1s', 'failed: it was ended after 1 s'],
  ['yes plinth', '', 'failed: it was ended because it printed more than 16 MiB: plinth'],
  ['kill -9 $$', '', 'failed: it was killed by SIGKILL'],
  ['true', ', result: report.xml', 'failed: report.xml was not written'],
  ['echo "<testsuite/>" > report.xml', ', result: report.xml', 'passed: it exited with 0'],
  ['true', ', result: ../report.xml', 'failed: ../report.xml was not written'],
])('%s%s fails closed and says why', async (run, more, told) => {
  const service = await commanded(run, more);
  await service.client.call('POST /trust', { path: service.file });
  const began = Date.now();
  expect(await gate(service)).toContain(told);
  expect(Date.now() - began).toBeLessThan(10_000);
});

test('what a command writes as its result is kept with the version', async () => {
  const junit = '<testsuite tests="3" failures="0"/>';
  const service = await commanded(`echo '${junit}' > report.xml`, ', result: report.xml');
  await service.client.call('POST /trust', { path: service.file });
  expect(await gate(service)).toContain('passed');
  const { evidence } = await service.client.call('GET /models/:model/versions/:version', {
    model: 'iris',
    version: '1',
  });
  const kept = evidence.find(({ source }) => source.startsWith('command '));
  const record = JSON.parse(service.daemon.context.blobs.read(kept?.digest ?? '').toString('utf8')) as object;
  expect(record).toMatchObject({ exit: 0, result: `${junit}\n` });
});

test('a flood is ended, and its beginning and end are kept', async () => {
  const ran = await runCommand({ run: 'yes plinth', folder: temporary(), withinMs: 60_000, env: {} });
  expect(ran).toMatchObject({ exit: null, problem: 'it was ended because it printed more than 16 MiB' });
  expect(ran.output.length).toBeLessThan(70_000);
  expect(ran.output).toContain('bytes left out');
});

test('what a command leaves running is ended with it', async () => {
  const began = Date.now();
  const ran = await runCommand({ run: 'sleep 60 & echo done', folder: temporary(), withinMs: 60_000, env: {} });
  expect(ran).toMatchObject({ exit: 0, problem: null, output: 'done\n' });
  expect(Date.now() - began).toBeLessThan(5000);
});

test.each([
  ['./check.sh', 'check.sh'],
  ['bash -eu "checks/it all"', 'checks/it all'],
  ['cd checks && ./serve.sh --quick', 'checks/serve.sh'],
  ['true && sh -c "sh checks/serve.sh 8" > out.txt', 'checks/serve.sh'],
  ['env MODE=a sh ./checks/../checks/serve.sh', 'checks/serve.sh'],
  ['test -s --config=checks/limits.yaml || true', 'checks/limits.yaml'],
])('what is trusted of %s is also the content of %s', { skip: process.platform === 'win32' }, async (run, called) => {
  const service = await commanded(run);
  const file = join(service.out, called);
  mkdirSync(join(service.out, 'checks'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n', { mode: 0o755 });
  const ran = join(file, '..', 'ran');
  const shown = await service.client.call('GET /trust', { path: service.out });
  expect(shown.files).toEqual([called]);
  await service.client.call('POST /trust', { path: service.out, digest: shown.digest });
  expect(await gate(service)).toContain('passed');
  rmSync(ran, { force: true });
  writeFileSync(file, '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n# other\n');
  const told = `changed since it was trusted: ${called}. Review it and run: plinth trust`;
  expect(await gate(service)).toBe(`failed: ${told}`);
  expect(existsSync(ran)).toBe(false);
  const stale = service.client.call('POST /trust', { path: service.out, digest: shown.digest });
  expect(await refused(stale)).toContain('has changed');
  await service.client.call('POST /trust', { path: service.out });
  expect(await gate(service)).toContain('passed');
});

test(
  'a script that is gone, new or swapped for a link is a changed one',
  { skip: process.platform === 'win32' },
  async () => {
    const service = await commanded('sh a.sh; sh b.sh');
    const script = join(service.out, 'a.sh');
    writeFileSync(script, 'true\n');
    await service.client.call('POST /trust', { path: service.out });
    expect(await gate(service)).toContain('failed: it exited with');
    writeFileSync(join(service.out, 'b.sh'), 'true\n');
    expect(await gate(service)).toContain('changed since it was trusted: b.sh.');
    await service.client.call('POST /trust', { path: service.out });
    expect(await gate(service)).toContain('passed');
    rmSync(script);
    expect(await gate(service)).toContain('changed since it was trusted: a.sh.');
    writeFileSync(join(service.folder, 'other'), 'touch ran\n');
    symlinkSync(join(service.folder, 'other'), script);
    expect(await gate(service)).toContain('changed since it was trusted: a.sh.');
    rmSync(script);
    execFileSync('mkfifo', [script]);
    expect(await gate(service)).toContain('changed since it was trusted: a.sh.');
    expect(existsSync(join(service.out, 'ran'))).toBe(false);
  },
);

test(
  'a script that changes itself while it runs says nothing that counts',
  { skip: process.platform === 'win32' },
  async () => {
    const service = await commanded('sh a.sh');
    writeFileSync(join(service.out, 'a.sh'), 'echo true >> a.sh\n');
    await service.client.call('POST /trust', { path: service.out });
    await gate(service);
    const { evidence } = await service.client.call('GET /models/:model/versions/:version', {
      model: 'iris',
      version: '1',
    });
    const kept = evidence.findLast(({ source }) => source.startsWith('command '));
    const record = JSON.parse(service.daemon.context.blobs.read(kept?.digest ?? '').toString('utf8')) as object;
    expect(record).toMatchObject({
      exit: null,
      problem: 'its result does not count: changed since it was trusted: a.sh. Review it and run: plinth trust',
    });
  },
);

test('what is trusted outlives a rebuild from the log', async () => {
  const service = await commanded('sh a.sh');
  writeFileSync(join(service.out, 'a.sh'), 'true\n');
  await service.client.call('POST /trust', { path: service.out });
  const before = trustedFile(service.daemon.context.db, service.file);
  expect(Object.keys(before?.files ?? {})).toEqual(['a.sh']);
  rebuild(service.daemon.context.db);
  expect(trustedFile(service.daemon.context.db, service.file)).toEqual(before);
});
