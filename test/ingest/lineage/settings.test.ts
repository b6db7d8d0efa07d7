import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const isVisible = process.platform === 'linux';
const hasPython = isVisible && spawnSync('python3', ['--version']).status === 0;
const patience = 60_000;

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function project(): Promise<TestService & { top: string }> {
  const service = await startService();
  const top = join(realpathSync(service.folder), 'project');
  mkdirSync(join(top, 'out'), { recursive: true });
  await service.client.call('POST /roots', { path: join(top, 'out') });
  return { ...service, top };
}

async function lineageOf({ client }: TestService, model: string, version = '1'): Promise<Lineage> {
  return until(
    async () => {
      const detail = await client
        .call('GET /models/:model/versions/:version', { model, version })
        .catch(() => undefined);
      return detail?.lineage?.process ? detail.lineage : undefined;
    },
    `the lineage of ${model}`,
    30_000,
  );
}

async function textOf({ client }: TestService, model: string, path: string): Promise<string> {
  const request = { model, version: '1', path };
  return (await client.call('GET /models/:model/versions/:version/captured', request)).text;
}

test.skipIf(!isVisible)(
  'the script and all settings of a run are kept, without secrets, and compared by their place in the run',
  async () => {
    const service = await project();
    put(join(service.top, 'experiments', 'fast.yaml'), 'lr: 0.3\n');
    const body = `const run = 'out/' + args[0];
      put(run + '/.hydra/config.yaml', 'lr: ' + args[0].length + '\\npassword: hunter2-in-hydra\\n');
      put(run + '/configs/model/big.yaml', 'layers: 12'); put(run + '/args.yaml', 'epochs: 3');
      save(run + '/churn.safetensors', args[0].length); await sleep(2500);`;
    await train(service.top, body, 'train.mjs', ['first', '--config=experiments/fast.yaml']).ended;
    await train(service.top, body, 'train.mjs', ['second', '--config=experiments/fast.yaml']).ended;
    const { captured } = await lineageOf(service, 'churn');
    expect(captured.map(({ path }) => path)).toEqual([
      'train.mjs',
      'experiments/fast.yaml',
      'out/first/.hydra/config.yaml',
      'out/first/configs/model/big.yaml',
      'out/first/args.yaml',
    ]);
    expect(await textOf(service, 'churn', 'out/first/.hydra/config.yaml')).toBe('lr: 5\npassword: [redacted]\n');
    await lineageOf(service, 'churn', '2');
    const { config } = await service.client.call('GET /compare', { versions: 'churn@1,churn@2' });
    const differs = Object.fromEntries(config.map((row) => [row.name, row.differs]));
    expect(differs).toEqual({
      'train.mjs': false,
      'experiments/fast.yaml': false,
      './.hydra/config.yaml': true,
      './configs/model/big.yaml': false,
      './args.yaml': false,
    });
  },
  patience,
);

test.skipIf(!hasPython)(
  "the notebook that a kernel ran is kept without its outputs, as Jupyter's server names it",
  async () => {
    const service = await project();
    const cell = { cell_type: 'code', source: ['lr = 0.1'], outputs: [{ text: 'a great secret' }], execution_count: 3 };
    put(join(service.top, 'notebooks', 'explore.ipynb'), JSON.stringify({ cells: [cell] }));
    const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
    const kernel = `import shutil, time\ntime.sleep(2)\nshutil.copyfile(${JSON.stringify(model)}, "../out/churn.joblib")\ntime.sleep(20)`;
    put(join(service.top, 'notebooks', 'ipykernel_launcher.py'), kernel);
    const started = spawn('python3', ['-m', 'ipykernel_launcher', '-f', 'kernel.json'], {
      cwd: join(service.top, 'notebooks'),
      env: { ...process.env, JPY_SESSION_NAME: join(service.top, 'notebooks', 'explore.ipynb') },
      stdio: 'ignore',
    });
    onTestFinished(() => void started.kill('SIGKILL'));
    const { captured, process: seen } = await lineageOf(service, 'churn');
    expect(seen?.script).toBe(join(service.top, 'notebooks', 'explore.ipynb'));
    const path = captured.find((one) => one.path.endsWith('explore.ipynb'))?.path ?? '';
    const text = await textOf(service, 'churn', path);
    expect(text).toContain('lr = 0.1');
    expect(text).not.toContain('a great secret');
  },
  patience,
);
