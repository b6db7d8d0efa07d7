import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { train } from '../../support/trainings.ts';
import { until } from '../../support/daemon.ts';
import { commandLine } from './plinth.ts';

const { folder, json, run, out } = commandLine();

test('runs are listed with their process, what they saved and what became of it; candidates are given up on request', async () => {
  mkdirSync(join(folder, 'outputs'));
  await json('watch', 'outputs');
  const training = train(
    folder,
    `save('outputs/churn/epoch=1-val_loss=0.5.safetensors', 1); await sleep(1500);
     save('outputs/churn/epoch=2-val_loss=0.4.safetensors', 2); await sleep(1500);`,
  );
  await training.ended;
  await until(async () => JSON.stringify(await json('runs')).includes('churn@1'), 'the version of the run');
  const listed = await out('runs', '--saves');
  expect(listed).toMatch(/churn +finished .*train\.mjs +churn@1/);
  expect(listed).toMatch(/epoch=1-val_loss=0\.5\.safetensors .* candidate/);
  expect(listed).toMatch(/epoch=2-val_loss=0\.4\.safetensors .* churn@1/);
  expect(await out('status')).toMatch(/candidates +80 B in 1 save/);
  expect(await out('clean-up', '--candidates')).toContain('gave up 80 B of 1 save');
  expect(await out('status')).not.toContain('candidates  ');
  expect((await run('runs', '--status', 'odd')).stderr).toContain(
    'use one of running, ended, finished, failed, killed',
  );
});
