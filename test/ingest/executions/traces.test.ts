import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporary, untilIdle, startWarmService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';
import { parseTrace, replay, withoutMachine } from './replay.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Traces are recorded again with `PLINTH_RECORD=1`. */
const folder = join(import.meta.dirname, 'traces');
const isRecording = process.env['PLINTH_RECORD'] === '1';
const isVisible = process.platform === 'linux';

const save = (path: string, mark: number, ms = 900): string => `save('out/${path}', ${mark}); await sleep(${ms});`;

/** The recorded trainings. */
const trainings: Record<string, (project: string) => Promise<unknown>> = {
  'two-trainers-on-one-path': (project) =>
    Promise.all([
      train(project, save('best.safetensors', 1) + save('best.safetensors', 2), 'a.mjs').ended,
      train(project, `await sleep(400); ${save('best.safetensors', 3)}`, 'b.mjs').ended,
    ]),
  'one-after-another': async (project) => {
    for (const mark of [1, 2]) await train(project, save('churn.safetensors', mark)).ended;
  },
  'a-worker-saves': (project) => {
    const worker = save('churn.safetensors', 1);
    writeFileSync(join(project, 'worker.mjs'), `process.argv[2] = 'worker'; await import('./train.mjs');`);
    return train(
      project,
      `if (process.argv[2] === 'worker') { ${worker} } else {
         const { spawn } = await import('node:child_process');
         const one = spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore' });
         await new Promise((resolve) => one.on('exit', resolve)); await sleep(300); }`,
    ).ended;
  },
  'a-kernel-rests': async (project) => {
    const kernel = spawn(process.execPath, ['-i'], { cwd: project, stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void kernel.kill('SIGKILL'));
    await sleep(1500);
    writeFileSync(join(project, 'out', 'metrics.json'), '{"auc": 0.8}');
    await sleep(1500);
    kernel.stdin.write(`require('node:fs').writeFileSync('out/scores.json', '{"auc": 0.9}')\n`);
    await sleep(1500);
  },
};

/** Records what the service sees and decides while something trains in its project. */
async function record(name: string): Promise<string> {
  const trace = join(temporary(), 'trace.jsonl');
  const service = await startWarmService({ processTrace: trace });
  await trainings[name]?.(realpathSync(service.folder));
  await untilIdle(service, 30_000);
  await service.daemon.stop();
  return withoutMachine(readFileSync(trace, 'utf8'), realpathSync(service.folder));
}

test.for(readdirSync(folder))('the trace %s replays to the decisions that were made', async (name) => {
  const decisions = await replay(parseTrace(readFileSync(join(folder, name), 'utf8')));
  expect(decisions.length).toBeGreaterThan(0);
  for (const { path, before, now } of decisions) expect({ path, ...now }).toEqual({ path, ...before });
});

const recorded = isRecording ? Object.keys(trainings) : ['two-trainers-on-one-path'];

test.skipIf(!isVisible).for(recorded)('what is recorded of %s now replays to the same decisions', async (name) => {
  const text = await record(name);
  if (isRecording) writeFileSync(join(folder, `${name}.jsonl`), text);
  const decisions = await replay(parseTrace(text));
  expect(decisions.length).toBeGreaterThan(0);
  for (const { path, before, now } of decisions) expect({ path, ...now }).toEqual({ path, ...before });
});
