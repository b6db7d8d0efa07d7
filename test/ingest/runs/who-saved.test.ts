import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  temporary,
  until,
  untilIdle,
  startWarmService,
  type TestService,
  type ServiceOptions,
} from '../../support/daemon.ts';
import { train, writeScript } from '../../support/trainings.ts';
import { versionsByMark } from './interleaving.ts';

vi.setConfig({ testTimeout: 60_000 });
const isVisible = process.platform === 'linux';
const hidden: ServiceOptions = { seesProcesses: false, timing: { runQuietMs: 3000 } };
const ways = [
  ...(isVisible ? [{ name: 'where processes can be seen', wanted: {} as ServiceOptions }] : []),
  { name: 'where no process can be seen', wanted: hidden },
];
/** For tests that take long. They run in both ways only with PLINTH_RUNS=whole. */
const slowWays = process.env['PLINTH_RUNS'] === 'whole' ? ways : ways.slice(0, 1);

async function watching(wanted: ServiceOptions = {}): Promise<TestService> {
  const service = await startWarmService(wanted);
  onTestFinished(() => expect(service.errors).toEqual([]));
  return service;
}

/** Returns the marks of the versions in the order of their registration, once everything is decided. */
async function marks(service: TestService): Promise<number[]> {
  await untilIdle(service, 30_000);
  const found = await versionsByMark(service);
  return found.toSorted((a, b) => a.detail.version.seq - b.detail.version.seq).map(({ mark }) => mark);
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** Makes a folder with a model and its metrics, as if from another machine. */
async function made(): Promise<string> {
  const folder = temporary();
  await train(folder, `save('shop/churn.safetensors', 7); put('shop/metrics.json', '{"auc": 0.9}');`).ended;
  return folder;
}

const movers: [program: string, bring: (from: string, to: string) => string][] = [
  ['cp', (from, to) => `cp -a ${from}/shop ${to}/shop`],
  ['rsync', (from, to) => `rsync -a ${from}/shop ${to}/`],
  ['tar', (from, to) => `tar -C ${from} -cf ${from}/all.tar shop && tar -C ${to} -xf ${from}/all.tar`],
  ['unzip', (from, to) => `cd ${from} && zip -qr all.zip shop && unzip -qo all.zip -d ${to}`],
  [
    'git',
    (from, to) =>
      `cd ${from} && git init -q . && git add shop && git -c user.name=a -c user.email=a@b.c commit -qm x && git clone -q ${from} ${to}/repo`,
  ],
];

test.for(movers.filter(([program]) => has(program)))(
  'what %s brings while a training lives is not that training’s, and counts by its place',
  async ([, bring]) => {
    const from = await made();
    const service = await watching();
    const training = train(service.folder, `save('out/own.safetensors', 1); await sleep(600_000);`);
    await marksOf(service, [1]);
    execFileSync('sh', ['-c', bring(from, service.out)]);
    await marksOf(service, [1, 7]);
    const brought = await until(async () => {
      const found = (await versionsByMark(service)).find(({ mark }) => mark === 7);
      return found && 'auc' in found.detail.version.metrics && found.detail;
    }, 'its metrics');
    expect(brought.version.metrics).toEqual({ auc: 0.9 });
    expect(brought.lineage?.process?.script ?? null).toBeNull();
    training.kill();
  },
);

async function marksOf(service: TestService, wanted: number[]): Promise<void> {
  await until(
    async () => {
      await sleep(200);
      const found = (await versionsByMark(service)).map(({ mark }) => mark);
      return JSON.stringify(found.toSorted((a, b) => (a ?? 0) - (b ?? 0))) === JSON.stringify(wanted);
    },
    `versions ${wanted.join(', ')}`,
    30_000,
  );
}

test.skipIf(!isVisible)('four ranks are one run of their launcher', async () => {
  const service = await watching();
  const rank = `const rank = Number(args[0]);
    for (let epoch = 1; epoch <= 3; epoch += 1) {
      put('out/logs/rank' + rank + '.csv', 'epoch,loss\\n' + epoch + ',1\\n');
      if (rank === 0) save('out/churn.safetensors', epoch);
      await sleep(1500);
    }`;
  writeScript(service.folder, rank, 'rank.mjs');
  const launcher = train(
    service.folder,
    `const { spawn } = await import('node:child_process');
     await Promise.all([0, 1, 2, 3].map((rank) => new Promise((resolve) =>
       spawn(process.execPath, ['rank.mjs', String(rank)], { stdio: 'ignore' }).on('exit', resolve))));`,
    'launch.mjs',
  );
  await launcher.ended;
  expect(await marks(service)).toEqual([1, 3]);
  const { runs } = await service.client.call('GET /runs', {});
  expect(runs.map(({ execution }) => execution?.script)).toEqual([join(service.folder, 'launch.mjs')]);
});

const forking = `
import os, struct, json, time
def save(path, mark):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    head = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).ljust(64).encode()
    open(path, "wb").write(struct.pack("<Q", len(head)) + head + struct.pack("<ff", mark, 1))
time.sleep(1.5)
for mark in (1, 2, 3):
    if os.fork() == 0:
        save("out/churn.safetensors", mark)
        time.sleep(0.3)
        os._exit(0)
    os.wait()
    time.sleep(1.5)
`;

test.skipIf(!isVisible || !has('python3'))('forks that save are their parent’s run', async () => {
  const service = await watching();
  writeFileSync(join(service.folder, 'train.py'), forking);
  const child = spawn('python3', ['train.py'], { cwd: service.folder, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.on('exit', resolve));
  expect(await marks(service)).toEqual([1, 3]);
});

const canUnshare = isVisible && spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

test.skipIf(!canUnshare)('a training in another pid namespace is seen as the one that it is', async () => {
  const service = await watching();
  train(service.folder, `for (const n of [1, 2, 3]) { save('out/churn.safetensors', n); await sleep(1500); }`).kill();
  const child = spawn('unshare', ['--pid', '--fork', '--mount-proc', process.execPath, 'train.mjs'], {
    cwd: service.folder,
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.on('exit', resolve));
  expect(await marks(service)).toEqual([1, 3]);
  const { runs } = await service.client.call('GET /runs', {});
  expect(runs.map(({ execution }) => execution?.script)).toEqual([join(service.folder, 'train.mjs')]);
});

test.skipIf(!isVisible || !has('make'))(
  'of a Makefile that trains and then evaluates, the evaluation is of the model that was trained',
  async () => {
    const service = await watching();
    train(service.folder, `save('out/churn.safetensors', 1); await sleep(500);`, 'train.mjs').kill();
    const evaluate = `readFileSync('out/churn.safetensors'); put('out/metrics.json', '{"auc": 0.7}'); await sleep(500);`;
    writeScript(service.folder, evaluate, 'evaluate.mjs');
    const rules = `all:\n\t${process.execPath} train.mjs\n\t${process.execPath} evaluate.mjs out/churn.safetensors\n`;
    writeFileSync(join(service.folder, 'Makefile'), rules);
    const child = spawn('make', [], { cwd: service.folder, stdio: 'ignore' });
    await new Promise((resolve) => child.on('exit', resolve));
    const evaluated = await until(async () => {
      const [one] = await versionsByMark(service);
      return one?.detail.evidence.find(({ origin }) => origin?.rule === 'evaluated');
    }, 'the evaluation');
    expect(evaluated.metrics).toEqual({ auc: 0.7 });
    expect(await marks(service)).toEqual([1]);
  },
);

test.skipIf(!isVisible)(
  'in a kernel the same path is another training when its result was written anew, else the same one',
  async () => {
    const service = await watching();
    const kernel = spawn(process.execPath, ['-i'], { cwd: service.folder, stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void kernel.kill('SIGKILL'));
    train(service.folder, `globalThis.save = save; globalThis.put = put;`, 'cells.mjs').kill();
    await sleep(1000);
    const cell = async (text: string): Promise<void> => {
      kernel.stdin.write(`${text}\n`);
      await sleep(1500);
    };
    await cell(`void import('./cells.mjs')`);
    await sleep(1500);
    await cell(`save('out/churn.safetensors', 1); put('out/metrics.json', '{"auc": 0.7}')`);
    await cell(`save('out/churn.safetensors', 2); put('out/metrics.json', '{"auc": 0.8}')`);
    await marksOf(service, [1, 2]);
    await cell(`save('out/churn.safetensors', 3)`);
    kernel.kill();
    expect(await marks(service)).toEqual([1, 2, 3]);
  },
);

test.for(ways)(
  'a save in whose middle the training was killed is no version, and the next one is, $name',
  async ({ wanted }) => {
    const service = await watching(wanted);
    const half = `save('whole.safetensors', 1); put('out/churn/best.safetensors', readFileSync('whole.safetensors').subarray(0, 70)); await sleep(500); process.kill(process.pid, 'SIGKILL');`;
    await train(service.folder, half).ended;
    await train(service.folder, `save('out/churn/best.safetensors', 2); await sleep(600);`).ended;
    expect(await marks(service)).toEqual([2]);
  },
);

test.for(slowWays)(
  'two trainings that save over one path in turn do not make every save a version, $name',
  async ({ wanted }) => {
    const service = await watching(wanted);
    const turns = (first: number): string =>
      `for (let n = 0; n < 6; n += 1) { save('out/churn.safetensors', ${first} + n); await sleep(1400); }`;
    const both = [
      train(service.folder, turns(10), 'a.mjs'),
      train(service.folder, `await sleep(700); ${turns(20)}`, 'b.mjs'),
    ];
    await Promise.all(both.map(({ ended }) => ended));
    const found = await marks(service);
    expect(found.length).toBeLessThanOrEqual(4);
    expect(found).toContain(25);
  },
);

test.for(ways)('a folder that is copied with its old times is taken by its files, $name', async ({ wanted }) => {
  const from = temporary();
  const epochs = [1, 2].map((n) => `save('run/epoch=${n}-val_loss=0.${n}.safetensors', ${n});`).join(' ');
  await train(from, `${epochs} save('plain/churn.safetensors', 5); put('plain/metrics.json', '{"auc": 0.9}');`).ended;
  const old = new Date(Date.now() - 30 * 24 * 3600_000);
  for (const file of [
    'run/epoch=1-val_loss=0.1.safetensors',
    'run/epoch=2-val_loss=0.2.safetensors',
    'plain/churn.safetensors',
    'plain/metrics.json',
  ])
    utimesSync(join(from, file), old, old);
  const service = await watching(wanted);
  for (const name of ['run', 'plain'])
    cpSync(join(from, name), join(service.out, name), { recursive: true, preserveTimestamps: true });
  expect((await marks(service)).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 5]);
  const copied = (await versionsByMark(service)).find(({ mark }) => mark === 5);
  expect(copied?.detail.version.metrics).toEqual({ auc: 0.9 });
  expect(copied?.detail.evidence[0]?.origin?.rule).toBe('by-place');
});

test.for([3600_000, -3600_000])('a clock that steps by %i ms loses nothing and doubles nothing', async (step) => {
  let skew = 0;
  const service = await startWarmService({ now: () => Date.now() + skew });
  train(
    service.folder,
    `save('out/churn.safetensors', 1); while (!existsSync('go')) await sleep(50);
     for (let n = 2; n <= 4; n += 1) { save('out/churn.safetensors', n); await sleep(1500); }`,
  );
  await marksOf(service, [1]);
  skew = step;
  writeFileSync(join(service.folder, 'go'), '');
  await until(async () => (await versionsByMark(service)).length > 1, 'the version of the end', 30_000);
  const found = await marks(service);
  expect(found.at(0)).toBe(1);
  expect(found.at(-1)).toBe(4);
  expect(new Set(found).size).toBe(found.length);
});
