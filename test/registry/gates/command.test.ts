import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rebuild } from '../../../daemon/db/rebuild.ts';
import { trustedFile } from '../../../daemon/db/policy/policies.ts';
import { RegistryError } from '../../../daemon/errors.ts';
import { runCommand } from '../../../daemon/registry/gates/command/run.ts';
import { copySample, here, temporary, type Here } from '../../support/daemon.ts';

const one = { model: 'iris', version: '1', stage: 'production' };

async function commanded(run: string, more = ''): Promise<Here & { file: string }> {
  const place = await here();
  mkdirSync(join(place.out, '.git'));
  const file = join(place.out, 'plinth.yaml');
  writeFileSync(
    file,
    `models: [{match: iris, gates: {production: [{gate: command, run: ${JSON.stringify(run)}${more}}]}}]\n`,
  );
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(place.out, 'model.joblib'));
  await place.client.call('POST /register', { path, model: 'iris' });
  return { ...place, file };
}

async function gate({ client }: Here): Promise<string> {
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
  const place = await commanded('touch ran');
  const ran = join(place.out, 'ran');
  expect(await gate(place)).toContain('are not trusted, so none of them runs');
  expect(await refused(place.client.call('POST /models/:model/versions/:version/promote', one))).toContain(
    'not trusted',
  );
  expect(existsSync(ran)).toBe(false);
  const shown = await place.client.call('GET /trust', { path: place.out });
  expect(shown).toMatchObject({ path: place.file, trusted: false, commands: ['touch ran'] });
  await place.client.call('POST /trust', { path: place.out, digest: shown.digest });
  expect(await gate(place)).toBe('passed: it exited with 0');
  expect(existsSync(ran)).toBe(true);
  writeFileSync(
    place.file,
    `# changed\nmodels: [{match: iris, gates: {production: [{gate: command, run: touch ran}]}}]\n`,
  );
  expect(await gate(place)).toContain('are not trusted');
  const stale = place.client.call('POST /trust', { path: place.out, digest: shown.digest });
  expect(await refused(stale)).toContain('has changed');
});

test('a command sees the version, and what it says is kept as evidence and weighed by every door', async () => {
  const place = await commanded('test -s "$PLINTH_PATH" && echo "$PLINTH_REFERENCE" && test -z "$PLINTH_TOKEN"');
  await place.client.call('POST /trust', { path: place.file });
  const receipt = await place.client.call('POST /models/:model/versions/:version/promote', one);
  expect(receipt.gates[1]).toMatchObject({ outcome: 'passed', detail: 'it exited with 0: iris@1', actual: 'exit 0' });
  const { evidence } = await place.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
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
  const place = await commanded(run, more);
  await place.client.call('POST /trust', { path: place.file });
  const began = Date.now();
  expect(await gate(place)).toContain(told);
  expect(Date.now() - began).toBeLessThan(10_000);
});

test('what a command writes as its result is kept with the version', async () => {
  const junit = '<testsuite tests="3" failures="0"/>';
  const place = await commanded(`echo '${junit}' > report.xml`, ', result: report.xml');
  await place.client.call('POST /trust', { path: place.file });
  expect(await gate(place)).toContain('passed');
  const { evidence } = await place.client.call('GET /models/:model/versions/:version', { model: 'iris', version: '1' });
  const kept = evidence.find(({ source }) => source.startsWith('command '));
  const record = JSON.parse(place.daemon.context.blobs.read(kept?.digest ?? '').toString('utf8')) as object;
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
  const place = await commanded(run);
  const file = join(place.out, called);
  mkdirSync(join(place.out, 'checks'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n', { mode: 0o755 });
  const ran = join(file, '..', 'ran');
  const shown = await place.client.call('GET /trust', { path: place.out });
  expect(shown.files).toEqual([called]);
  await place.client.call('POST /trust', { path: place.out, digest: shown.digest });
  expect(await gate(place)).toContain('passed');
  rmSync(ran, { force: true });
  writeFileSync(file, '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n# other\n');
  const told = `changed since it was trusted: ${called}. Review it and run: plinth trust`;
  expect(await gate(place)).toBe(`failed: ${told}`);
  expect(existsSync(ran)).toBe(false);
  const stale = place.client.call('POST /trust', { path: place.out, digest: shown.digest });
  expect(await refused(stale)).toContain('has changed');
  await place.client.call('POST /trust', { path: place.out });
  expect(await gate(place)).toContain('passed');
});

test(
  'a script that is gone, new or swapped for a link is a changed one',
  { skip: process.platform === 'win32' },
  async () => {
    const place = await commanded('sh a.sh; sh b.sh');
    const script = join(place.out, 'a.sh');
    writeFileSync(script, 'true\n');
    await place.client.call('POST /trust', { path: place.out });
    expect(await gate(place)).toContain('failed: it exited with');
    writeFileSync(join(place.out, 'b.sh'), 'true\n');
    expect(await gate(place)).toContain('changed since it was trusted: b.sh.');
    await place.client.call('POST /trust', { path: place.out });
    expect(await gate(place)).toContain('passed');
    rmSync(script);
    expect(await gate(place)).toContain('changed since it was trusted: a.sh.');
    writeFileSync(join(place.folder, 'other'), 'touch ran\n');
    symlinkSync(join(place.folder, 'other'), script);
    expect(await gate(place)).toContain('changed since it was trusted: a.sh.');
    rmSync(script);
    execFileSync('mkfifo', [script]);
    expect(await gate(place)).toContain('changed since it was trusted: a.sh.');
    expect(existsSync(join(place.out, 'ran'))).toBe(false);
  },
);

test(
  'a script that changes itself while it runs says nothing that counts',
  { skip: process.platform === 'win32' },
  async () => {
    const place = await commanded('sh a.sh');
    writeFileSync(join(place.out, 'a.sh'), 'echo true >> a.sh\n');
    await place.client.call('POST /trust', { path: place.out });
    await gate(place);
    const { evidence } = await place.client.call('GET /models/:model/versions/:version', {
      model: 'iris',
      version: '1',
    });
    const kept = evidence.findLast(({ source }) => source.startsWith('command '));
    const record = JSON.parse(place.daemon.context.blobs.read(kept?.digest ?? '').toString('utf8')) as object;
    expect(record).toMatchObject({
      exit: null,
      problem: 'its result does not count: changed since it was trusted: a.sh. Review it and run: plinth trust',
    });
  },
);

test('what is trusted outlives a rebuild from the log', async () => {
  const place = await commanded('sh a.sh');
  writeFileSync(join(place.out, 'a.sh'), 'true\n');
  await place.client.call('POST /trust', { path: place.out });
  const before = trustedFile(place.daemon.context.db, place.file);
  expect(Object.keys(before?.files ?? {})).toEqual(['a.sh']);
  rebuild(place.daemon.context.db);
  expect(trustedFile(place.daemon.context.db, place.file)).toEqual(before);
});
