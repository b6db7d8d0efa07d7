import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commandParams } from '../../../daemon/ingest/executions/command-params.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { startService, samples, until } from '../../support/daemon.ts';

function paramsOf(line: string, script: string | null = 'train.py'): Record<string, Json> {
  return { ...commandParams({ command: line.split(' '), script }) };
}

test.each<[what: string, line: string, params: Record<string, Json>]>([
  ['argparse', 'python train.py --epochs 3 --lr=0.1 --use-amp', { epochs: 3, lr: 0.1, use_amp: true }],
  ['short options', 'python -u train.py -a resnet18 -b 256 -v', { a: 'resnet18', b: 256 }],
  [
    'switches',
    'python train.py --no-bias --pretrained --learning-rate 1e-4',
    { bias: false, pretrained: true, learning_rate: 1e-4 },
  ],
  ['a switch before a word of something else', 'python train.py --use-amp data/train', { use_amp: true }],
  [
    'lists and negative numbers',
    'python train.py --betas 0.9 0.999 --offset -1 data',
    { betas: [0.9, 0.999], offset: -1 },
  ],
  ['absl', 'python train.py --batch_size=32 --nouse_amp', { batch_size: 32, nouse_amp: true }],
  [
    'fire',
    'python train.py fit --layers=[64,32] --name=big --seed=None',
    { layers: [64, 32], name: 'big', seed: null },
  ],
  ['click', 'python train.py run --dropout 0.5 --shuffle true', { dropout: 0.5, shuffle: true }],
  [
    'hydra',
    'python train.py lr=0.1 +model.depth=3 optimizer=adam hydra.run.dir=x',
    { lr: 0.1, 'model.depth': 3, optimizer: 'adam' },
  ],
  ['a sweep whose job is not known', 'python train.py -m lr=0.1,0.2 depth=3', { depth: 3 }],
  ['a launcher', 'python -m torch.distributed.run --nproc_per_node=2 train.py --local_rank=0 --lr 0.1', { lr: 0.1 }],
  ['words after the end of options', 'python train.py --lr 0.1 -- --not 1', { lr: 0.1 }],
  ['text that looks like a number', 'python train.py --version-name 007', { version_name: '007' }],
])('%s is read', (_what, line, params) => expect(paramsOf(line)).toEqual(params));

test('a program without a script is read from its module or its own name on, a kernel not at all', () => {
  expect(paramsOf('python -m churn.train --lr 0.1', null)).toEqual({ lr: 0.1 });
  expect(paramsOf('/venv/bin/python /venv/bin/yolo train model=yolo11n.pt epochs=3', null)).toEqual({
    model: 'yolo11n.pt',
    epochs: 3,
  });
  expect(paramsOf('python -m ipykernel_launcher -f /run/kernel.json --lr 0.1', null)).toEqual({});
  expect(paramsOf('python -c import=x --lr 0.1', null)).toEqual({});
});

test('of a sweep the job that ran is read', () => {
  const command = 'python train.py -m lr=0.1,0.2'.split(' ');
  const job = 'python train.py lr=0.2'.split(' ');
  expect({ ...commandParams({ command, job, script: 'train.py' }) }).toEqual({ lr: 0.2 });
});

test('a secret stays out, and names that objects have of their own are names', () => {
  const params = paramsOf('python train.py --api-key sk-abcdefghijklmnopqrstuvwxyz0123456789 --constructor 1');
  expect(JSON.stringify(params)).not.toContain('abcdefghijklmnop');
  expect(params['constructor']).toBe(1);
});

test.runIf(process.platform === 'linux')(
  'a version has what its process was given, where no file says it',
  async () => {
    const service = await startService();
    await service.client.call('POST /roots', { path: service.out });
    const script = join(service.out, 'train.mjs');
    const model = JSON.stringify(join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib'));
    writeFileSync(
      script,
      `import { copyFileSync, writeFileSync } from 'node:fs';
    writeFileSync('params.json', '{"epochs": 5, "model": {"depth": 4}}');
    copyFileSync(${model}, 'churn.joblib'); setTimeout(() => {}, 20000);`,
    );
    const given = ['--epochs', '3', '--lr=0.1', 'model.depth=2', '--token', 'abcdefgh12345'];
    const child = spawn(process.execPath, [script, ...given], { cwd: service.out });
    onTestFinished(() => void child.kill());
    const version = await until(async () => {
      const asked = { model: 'churn', version: '1' };
      const detail = await service.client.call('GET /models/:model/versions/:version', asked).catch(() => undefined);
      return detail?.evidence.some(({ source }) => source === 'command') === true && detail.version;
    }, 'the params of the command');
    expect(version.params).toMatchObject({ epochs: 5, model: { depth: 4 }, lr: 0.1 });
    expect(version.params).not.toHaveProperty(['model.depth']);
    expect(JSON.stringify(version.params)).not.toContain('abcdefgh12345');
  },
);
