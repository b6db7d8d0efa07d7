import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { train } from '../../support/trainings.ts';
import { until } from '../../support/daemon.ts';
import { commandLine, irisOutputs, samples } from './plinth.ts';

const { folder, json, run, out } = commandLine();

beforeAll(async () => {
  const outputs = irisOutputs(folder);
  for (const one of ['v1', 'v2', 'v3']) await out('register', join(outputs, one, 'model.joblib'), '--model', 'iris-a');
  await out('register', join(samples, 'xgboost/breast-cancer/run-001/model.ubj'), '--model', 'iris-b');
  for (const [number, auc] of [
    [1, 0.91],
    [2, 0.95],
    [3, 0.5],
  ] as const) {
    mkdirSync(join(folder, `e${number}`));
    const file = join(folder, `e${number}`, 'metrics.json');
    writeFileSync(file, JSON.stringify({ val_auc: auc }));
    await out('attach', `iris-a@${number}`, file);
  }
  await out('promote', 'iris-a@2', '--reason', 'best');
  await out('tag', 'iris-a@1', 'note==cmd|calc');
}, 60_000);

function versionsIn(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => /\bv(\d+)\b/.exec(line)?.[0] ?? []);
}

test('ls --where and --sort list the versions that a filter selects, the best first', async () => {
  const listed = await out('ls', '--where', 'val_auc > 0.9', '--sort', 'val_auc');
  expect(listed).toMatch(/^model +version +stage/);
  expect(versionsIn(listed)).toEqual(['v2', 'v1']);
  expect(versionsIn(await out('ls', 'iris-a', '--where', 'stage = production and val_auc > 0.9'))).toEqual(['v2']);
  expect(await out('ls', '--where', 'val_auc > 2')).toBe('no version matches\n');
  expect(versionsIn(await out('ls', 'iris-a', '--where', 'origin = hand'))).toHaveLength(3);
  expect(await out('ls', 'iris-a', '--where', 'origin = watch')).toBe('no version matches\n');
});

test('ls takes a pattern of names, alone for models and with a filter for versions', async () => {
  const models = await out('ls', 'iris-*');
  expect(models).toContain('iris-a');
  expect(models).toContain('iris-b');
  expect(await out('ls', '*-b')).not.toContain('iris-a');
  expect(await out('ls', 'churn-*')).toBe('no model matches churn-*\n');
  expect(versionsIn(await out('ls', '*-b', '--where', 'version = 1'))).toEqual(['v1']);
});

test('the age of a version counts from its training, not from its registration', async () => {
  const path = join(irisOutputs(join(folder, 'old')), 'v1', 'model.joblib');
  const then = new Date(Date.now() - 5 * 24 * 3_600_000 - 60_000);
  utimesSync(path, then, then);
  await out('register', path, '--model', 'old-iris', '--again');
  expect(await out('ls', 'old-iris')).toMatch(/ 5 d ago$/m);
});

test('--columns chooses what is shown, and CSV and JSON hold the same versions', async () => {
  const shown = await out('ls', 'iris-a', '--columns', 'version,stage,val_auc', '--sort', 'val_auc', '--limit', '2');
  expect(shown.trim().split(/\s*\n\s*/)).toEqual([
    'version  stage        val_auc',
    '2  production      0.95',
    '1  development     0.91',
  ]);
  const unnamed = await out('ls', 'iris-a', '--columns', 'val_auc', '--limit', '1');
  expect(unnamed.split('\n')[0]).toMatch(/^version +val_auc$/);
  const ofAll = await out('ls', '--where', 'val_auc > 0', '--columns', 'val_auc', '--limit', '1');
  expect(ofAll.split('\n')[0]).toMatch(/^model +version +val_auc$/);
  const csv = await out('ls', 'iris-a', '--columns', 'version,val_auc,tags.note', '--csv', '--sort', 'version');
  expect(csv).toBe("version,val_auc,tags.note\n1,0.91,'=cmd|calc\n2,0.95,\n3,0.5,\n");
  const whole = (await out('ls', '--where', 'val_auc > 0.9', '--csv')).split('\n');
  expect(whole[0]).toMatch(/^model,version,stage,state,.*metrics\.val_auc.*params\./);
  expect(whole).toHaveLength(4);
  const found = (await json('ls', '--where', 'val_auc > 0.9')) as { items: { number: number }[] };
  expect(found.items.map(({ number }) => number)).toEqual([2, 1]);
});

test('a mistake in a filter is a usage error with its place, and a name that nothing has is told', async () => {
  expect(await run('ls', '--where', 'val_auc > ')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Cannot read the filter at character 11: It ends too early.') as string,
  });
  const { code, stdout, stderr } = await run('ls', '--where', 'val_acu > 0.9');
  expect([code, stdout]).toEqual([0, 'no version matches\n']);
  expect(stderr).toBe('plinth: no version has a metric, param, tag or fact named val_acu\n');
  expect((await run('ls', 'iris-a', '--columns', 'version,val_acu')).stderr).toContain('named val_acu');
  expect(await run('ls', '--candidates', '--where', '(')).toMatchObject({ code: 64 });
});

test('ls --all lists candidates of a run in progress beside the versions, and runs takes the same grammar', async () => {
  await out('watch', folder);
  const training = train(
    folder,
    `save('runs/net/epoch=1-val_loss=0.5.safetensors', 1); await sleep(500);
     save('runs/net/epoch=2-val_loss=0.4.safetensors', 2); await sleep(6000);`,
  );
  await until(async () => (await out('ls', '--all')).includes('epoch=1'), 'a candidate in the list');
  expect(await out('runs', '--where', 'status = running')).toMatch(/running/);
  expect(await out('runs', '--where', 'status = finished')).toBe('no run matches\n');
  const model = ((await json('ls', '--all')) as { candidates: { model: string }[] }).candidates[0]!.model;
  await training.ended;
  await until(async () => (await out('ls', model, '--all')).includes('v1'), 'the version of the run');
  const all = await out('ls', model, '--all', '--where', 'size > 0B');
  expect(all).toMatch(/– +candidate/);
  expect(await out('ls', model, '--where', 'size > 0B')).not.toContain('candidate');
  expect(await out('runs', '--csv')).toMatch(/^run,folder,status,started,.*\n.*,finished,20\d\d-/);
}, 60_000);
