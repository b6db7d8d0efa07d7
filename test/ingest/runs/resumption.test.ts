import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon } from '../../../daemon/daemon.ts';
import { silent } from '../../../daemon/log.ts';
import type { ListedRun } from '../../../daemon/protocol/routes/watch.ts';
import { until, untilIdle, startWarmService, type TestService, type ServiceOptions } from '../../support/daemon.ts';
import { train, writeScript } from '../../support/trainings.ts';
import { versionsByMark } from './interleaving.ts';

vi.setConfig({ testTimeout: 60_000 });
const isVisible = process.platform === 'linux';
const hidden: ServiceOptions = { seesProcesses: false, timing: { runQuietMs: 3000 } };
const ways = [
  ...(isVisible ? [{ name: 'where processes can be seen', isSeen: true, wanted: {} as ServiceOptions }] : []),
  { name: 'where no process can be seen', isSeen: false, wanted: hidden },
];

async function watching(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startWarmService(wanted);
  onTestFinished(() => expect(service.errors).toEqual([]));
  return service;
}

/** Logs and saves epochs from args[0] to args[1], each with its number as seed. Then it ends, `rests` or is `killed` as if from outside. */
const epochs = (log: string, path = 'out/churn/last.safetensors'): string => `
  const [from, to] = [Number(args[0]), Number(args[1])];
  ${log}
  for (let epoch = from; epoch <= to; epoch += 1) {
    await sleep(700);
    ${log === '' ? '' : `appendFileSync('out/churn/log.csv', epoch + ',' + 1 / (epoch + Number(args[3] ?? 0)) + '\\n');`}
    save('${path}', epoch);
  }
  await sleep(700);
  if (args[2] === 'rests') await sleep(600_000);
  if (args[2] === 'killed') process.kill(process.pid, 'SIGKILL');`;
const appended = `if (!existsSync('out/churn/log.csv')) put('out/churn/log.csv', 'epoch,val_loss\\n');`;
const rewritten = `put('out/churn/log.csv', 'epoch,val_loss\\n');`;

/** Runs a training that is killed after an epoch, and waits until everything it made is decided. */
async function trainUntilKilled(service: TestService, body: string, epoch: number): Promise<void> {
  await train(service.folder, body, 'train.mjs', ['1', String(epoch), 'killed']).ended;
  await marksOf(service, (found) => found.length > 0);
  await untilIdle(service);
}

function markAt({ out }: TestService): number | undefined {
  try {
    return readFileSync(join(out, 'churn', 'last.safetensors')).readFloatLE(72);
  } catch {
    return undefined;
  }
}

async function marksOf(service: TestService, isDone: (found: number[]) => boolean): Promise<number[]> {
  return until(
    async () => {
      await sleep(200);
      const found = await versionsByMark(service);
      const marks = found.toSorted((a, b) => a.detail.version.seq - b.detail.version.seq).map(({ mark }) => mark);
      return isDone(marks) && marks;
    },
    'the versions',
    30_000,
  );
}

async function runsIn({ client }: Pick<TestService, 'client'>): Promise<ListedRun[]> {
  return (await client.call('GET /runs', {})).runs;
}

/** Waits until everything is decided. Returns versions in order, and for each run its id, its processes and what shows its resumptions. */
async function outcome(service: TestService, versions: number): Promise<{ marks: number[]; runs: ListedRun[] }> {
  await marksOf(service, (found) => found.length >= versions);
  await untilIdle(service, 30_000);
  return { marks: await marksOf(service, () => true), runs: await runsIn(service) };
}

function commandsOf({ execution, resumptions }: ListedRun): (string | undefined)[] {
  return [...resumptions.map(({ from }) => from), execution].map((one) => one?.command.slice(2).join(' '));
}

test.for(ways)('a log that is begun anew at the next step shows that a run was resumed, $name', async (way) => {
  const service = await watching(way.wanted);
  await trainUntilKilled(service, epochs(rewritten), 3);
  await train(service.folder, epochs(rewritten), 'train.mjs', ['4', '6']).ended;
  const { marks, runs } = await outcome(service, 2);
  expect(marks.at(-1)).toBe(6);
  expect(marks).toHaveLength(2);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.resumptions.map(({ reason }) => reason.replace(/\d/g, 'N'))).toEqual([
    'its log log.csv continues at step N after N',
  ]);
  expect(commandsOf(runs[0]!)).toEqual(way.isSeen ? ['1 3 killed', '4 6'] : [undefined, undefined]);
});

test.for(ways)('a log that is appended from within its steps shows that a run was resumed, $name', async (way) => {
  const service = await watching(way.wanted);
  await trainUntilKilled(service, epochs(appended), 4);
  await train(service.folder, epochs(appended), 'train.mjs', ['3', '6', 'ends', '0.5']).ended;
  const { marks, runs } = await outcome(service, 2);
  expect(marks.at(-1)).toBe(6);
  expect(runs.map(({ resumptions }) => resumptions.length)).toEqual([1]);
  const last = (await versionsByMark(service)).find(({ mark }) => mark === 6)?.detail;
  expect(last?.version.metrics['val_loss']).toBe(1 / 6.5);
  expect(last?.version.source.run).toBe(join(service.out, 'churn'));
});

test.skipIf(!isVisible)('a launcher that starts its killed training again is one run', async () => {
  const service = await watching();
  writeScript(service.folder, epochs(''), 'worker.mjs');
  const launcher = train(
    service.folder,
    `const { spawn } = await import('node:child_process');
     const work = (...of) => new Promise((resolve) => {
       const child = spawn(process.execPath, ['worker.mjs', ...of], { stdio: 'ignore' });
       writeFileSync('worker.pid', String(child.pid));
       child.on('exit', resolve);
     });
     await work('1', '1000'); await work('3', '4');`,
    'launch.mjs',
  );
  await until(() => markAt(service) === 2, 'the second epoch');
  process.kill(Number(readFileSync(join(service.folder, 'worker.pid'), 'utf8')), 'SIGKILL');
  await launcher.ended;
  const { marks, runs } = await outcome(service, 1);
  expect(marks).toEqual([4]);
  expect(runs.map(({ execution }) => execution?.script)).toEqual([join(service.folder, 'launch.mjs')]);
});

test.skipIf(!isVisible)('a command line that names a checkpoint of the run shows that it was resumed', async () => {
  const service = await watching();
  await trainUntilKilled(service, epochs(''), 2);
  const resume = ['3', '4', '--resume', 'out/churn/last.safetensors'];
  await train(service.folder, epochs(''), 'train.mjs', resume).ended;
  const { marks, runs } = await outcome(service, 2);
  expect(marks).toEqual([2, 4]);
  expect(runs).toHaveLength(1);
  expect(commandsOf(runs[0]!)).toEqual(['1 2 killed', resume.join(' ')]);
  const { resumptions } = await service.client.call('GET /why', {
    path: join(service.out, 'churn', 'last.safetensors'),
  });
  expect(resumptions?.map(({ reason }) => reason)).toEqual(['its command line names last.safetensors, by resume']);
});

test.skipIf(!isVisible)('a path that the resumed run saves again is the path of one run', async () => {
  const service = await watching();
  const plain = `save('out/churn.safetensors', Number(args[0])); await sleep(2500);`;
  await train(service.folder, `${plain} process.kill(process.pid, 'SIGKILL');`, 'train.mjs', ['1']).ended;
  await marksOf(service, (found) => found.length === 1);
  const resume = ['2', 'ckpt_path=out/churn.safetensors'];
  await train(service.folder, `${plain} save('out/churn.safetensors', 3); await sleep(700);`, 'train.mjs', resume)
    .ended;
  const { marks } = await outcome(service, 2);
  expect(marks).toEqual([1, 3]);
  const first = (await versionsByMark(service)).find(({ mark }) => mark === 1);
  expect(first?.detail.ofRun?.later).toBe('churn@2');
});

test.for(ways)('a training with the same command line whose log begins again is another run, $name', async (way) => {
  const service = await watching(way.wanted);
  const body = epochs(rewritten);
  await train(service.folder, body, 'train.mjs', ['1', '3']).ended;
  await marksOf(service, (found) => found.length === 1);
  await untilIdle(service);
  await train(service.folder, body, 'train.mjs', ['1', '3', 'ends', '0.5']).ended;
  const { runs } = await outcome(service, 1);
  expect(runs.map(({ resumptions }) => resumptions)).toEqual([[], []]);
});

test.for(ways)('a training that saves over the path of a killed one is another run, $name', async (way) => {
  const service = await watching(way.wanted);
  await trainUntilKilled(service, epochs(''), 2);
  await train(service.folder, epochs(''), 'train.mjs', ['5', '6', '--pretrained', 'out/churn/last.safetensors']).ended;
  const { marks, runs } = await outcome(service, 2);
  expect(marks.at(-1)).toBe(6);
  expect(runs.map(({ resumptions }) => resumptions)).toEqual([[], []]);
});

test.for(ways)('a run is resumed although the service was started again between its parts, $name', async (way) => {
  const service = await watching(way.wanted);
  await trainUntilKilled(service, epochs(appended), 3);
  await service.daemon.stop();
  const options = { version: '0', dataFolder: join(service.folder, 'data') };
  const { defaultTiming } = await import('../../../daemon/runtime/timing.ts');
  const timing = { ...defaultTiming, ...way.wanted.timing };
  const seesProcesses = way.wanted.seesProcesses ?? true;
  const daemon = await startDaemon(configure({ ...options, timing, seesProcesses }), silent);
  onTestFinished(() => daemon.stop());
  const again = { ...service, daemon, client: connect(daemon.file, 'test') };
  await untilIdle(again);
  await train(service.folder, epochs(appended), 'train.mjs', ['4', '6']).ended;
  const { marks, runs } = await outcome(again, 2);
  expect(marks.at(-1)).toBe(6);
  expect(runs.map(({ resumptions }) => resumptions.length)).toEqual([1]);
});

test.skipIf(!isVisible)(
  'a run that was killed and resumed while the service was stopped gives one version',
  async () => {
    const service = await watching();
    const training = train(service.folder, epochs(appended), 'train.mjs', ['1', '2', 'rests']);
    await until(() => markAt(service) === 2, 'the second epoch');
    await until(async () => (await runsIn(service))[0]?.saves.length, 'its candidates');
    await service.daemon.stop();
    training.kill();
    await training.ended;
    writeFileSync(join(service.folder, 'stopped'), '');
    const resumed = train(service.folder, epochs(appended), 'train.mjs', ['3', '8']);
    await until(() => markAt(service) === 4, 'the fourth epoch');
    const daemon = await startDaemon(configure({ version: '0', dataFolder: join(service.folder, 'data') }), silent);
    onTestFinished(() => daemon.stop());
    const again = { ...service, daemon, client: connect(daemon.file, 'test') };
    await resumed.ended;
    const { marks, runs } = await outcome(again, 1);
    expect(marks).toEqual([8]);
    expect(runs.map(({ resumptions }) => resumptions.length)).toEqual([1]);
  },
);
