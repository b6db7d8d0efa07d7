import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import { here, samples, until, type Here } from '../../support/daemon.ts';
import { train } from '../../support/trainings.ts';

const isVisible = process.platform === 'linux';
const hasPython = isVisible && spawnSync('python3', ['--version']).status === 0;
const patience = 60_000;

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function project(): Promise<Here & { top: string }> {
  const place = await here();
  const top = join(realpathSync(place.folder), 'project');
  mkdirSync(join(top, 'out'), { recursive: true });
  await place.client.call('POST /roots', { path: join(top, 'out') });
  return { ...place, top };
}

async function lineageOf({ client }: Here, model: string, version = '1'): Promise<Lineage> {
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

async function textOf({ client }: Here, model: string, path: string): Promise<string> {
  const request = { model, version: '1', path };
  return (await client.call('GET /models/:model/versions/:version/captured', request)).text;
}

test.skipIf(!isVisible)(
  'the script and all settings of a run are kept, without secrets, and compared by their place in the run',
  async () => {
    const place = await project();
    put(join(place.top, 'experiments', 'fast.yaml'), 'lr: 0.3\n');
    const body = `const run = 'out/' + args[0];
      put(run + '/.hydra/config.yaml', 'lr: ' + args[0].length + '\\npassword: hunter2-in-hydra\\n');
      put(run + '/configs/model/big.yaml', 'layers: 12'); put(run + '/args.yaml', 'epochs: 3');
      save(run + '/churn.safetensors', args[0].length); await sleep(2500);`;
    await train(place.top, body, 'train.mjs', ['first', '--config=experiments/fast.yaml']).ended;
    await train(place.top, body, 'train.mjs', ['second', '--config=experiments/fast.yaml']).ended;
    const { captured } = await lineageOf(place, 'churn');
    expect(captured.map(({ path }) => path)).toEqual([
      'train.mjs',
      'experiments/fast.yaml',
      'out/first/.hydra/config.yaml',
      'out/first/configs/model/big.yaml',
      'out/first/args.yaml',
    ]);
    expect(await textOf(place, 'churn', 'out/first/.hydra/config.yaml')).toBe('lr: 5\npassword: [redacted]\n');
    await lineageOf(place, 'churn', '2');
    const { config } = await place.client.call('GET /compare', { versions: 'churn@1,churn@2' });
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
    const place = await project();
    const cell = { cell_type: 'code', source: ['lr = 0.1'], outputs: [{ text: 'a great secret' }], execution_count: 3 };
    put(join(place.top, 'notebooks', 'explore.ipynb'), JSON.stringify({ cells: [cell] }));
    const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
    const kernel = `import shutil, time\ntime.sleep(2)\nshutil.copyfile(${JSON.stringify(model)}, "../out/churn.joblib")\ntime.sleep(20)`;
    put(join(place.top, 'notebooks', 'ipykernel_launcher.py'), kernel);
    const started = spawn('python3', ['-m', 'ipykernel_launcher', '-f', 'kernel.json'], {
      cwd: join(place.top, 'notebooks'),
      env: { ...process.env, JPY_SESSION_NAME: join(place.top, 'notebooks', 'explore.ipynb') },
      stdio: 'ignore',
    });
    onTestFinished(() => void started.kill('SIGKILL'));
    const { captured, process: seen } = await lineageOf(place, 'churn');
    expect(seen?.script).toBe(join(place.top, 'notebooks', 'explore.ipynb'));
    const path = captured.find((one) => one.path.endsWith('explore.ipynb'))?.path ?? '';
    const text = await textOf(place, 'churn', path);
    expect(text).toContain('lr = 0.1');
    expect(text).not.toContain('a great secret');
  },
  patience,
);
