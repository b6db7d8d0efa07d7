import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Environment } from '../../../daemon/protocol/lineage.ts';
import { startService, until } from '../../support/daemon.ts';

const hasPython = process.platform === 'linux' && spawnSync('python3', ['-m', 'venv', '--help']).status === 0;

/** Saves a model as a script does, and is still running when the service looks at the file. */
const script = `
import json, os, struct, time
head = json.dumps({'w': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}}).ljust(64).encode()
os.makedirs('out', exist_ok=True)
time.sleep(1)
with open('out/churn.safetensors', 'wb') as f:
    f.write(struct.pack('<Q', len(head)) + head + struct.pack('<2f', 1.0, time.time() % 1000))
time.sleep(20)
`;

interface Started {
  called: string;
  /** Variables of the process besides the usual ones. `VENV` is replaced by the environment's folder. */
  variables?: Record<string, string>;
  packages?: string[];
  settings?: string[];
}

/** Returns the recorded environment of a model that was saved by a process in a project with a virtual environment. */
async function environmentOf({ called, variables = {}, packages = ['churnlib-1.2.3'], settings = [] }: Started) {
  const service = await startService();
  const project = join(realpathSync(service.folder), 'retention');
  const venv = join(project, '.venv');
  mkdirSync(project);
  writeFileSync(join(project, 'train.py'), script);
  execFileSync('python3', ['-m', 'venv', '--without-pip', ...settings, venv]);
  const lib = readdirSync(join(venv, 'lib')).find((name) => name.startsWith('python3')) ?? '';
  const folder = join(venv, 'lib', lib, 'site-packages');
  for (const name of packages) mkdirSync(join(folder, `${name}.dist-info`));
  await service.client.call('POST /roots', { path: project });
  const { VIRTUAL_ENV: _other, ...usual } = process.env;
  const given = Object.entries(variables).map(([name, value]) => [name, value.replaceAll('VENV', venv)]);
  const env = { ...usual, ...Object.fromEntries(given) } as NodeJS.ProcessEnv;
  const child = spawn('sh', ['-c', `exec ${called} train.py`], { cwd: project, stdio: 'ignore', env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lineage = await until(async () => {
    const request = { model: 'churn', version: '1' };
    const detail = await service.client.call('GET /models/:model/versions/:version', request).catch(() => undefined);
    return detail?.lineage ?? undefined;
  }, 'the lineage');
  expect(lineage.process?.command.at(-1)).toBe('train.py');
  return { environment: lineage.environment as Environment | null, folder };
}

test.skipIf(!hasPython)(
  'a script that was started by .venv/bin/python has the packages of that environment',
  async () => {
    const { environment, folder } = await environmentOf({ called: '.venv/bin/python' });
    expect(environment).toMatchObject({ source: folder, packages: { churnlib: '1.2.3' } });
  },
);

test.skipIf(!hasPython)(
  'a Python that is found by PATH has the packages of the environment that it lies in',
  async () => {
    const PATH = ['VENV/bin', process.env['PATH'] ?? ''].join(delimiter);
    const { environment, folder } = await environmentOf({ called: 'python', variables: { PATH } });
    expect(environment).toMatchObject({ source: folder, packages: { churnlib: '1.2.3' } });
  },
);

test.skipIf(!hasPython)('an activated environment that the process does not run in tells nothing', async () => {
  const other = await environmentOf({ called: '.venv/bin/python', packages: ['otherlib-9.9'] });
  const VIRTUAL_ENV = join(other.folder, '..', '..', '..');
  const { environment } = await environmentOf({ called: './.venv/bin/python', variables: { VIRTUAL_ENV } });
  expect(environment?.packages).toEqual({ churnlib: '1.2.3' });
});

test.skipIf(!hasPython)(
  'an environment without a package is told as that, and not as the base interpreter',
  async () => {
    const { environment, folder } = await environmentOf({ called: '.venv/bin/python', packages: [] });
    expect(environment).toMatchObject({ source: folder, packages: {} });
  },
);

test.skipIf(!hasPython)('an environment that was made to see the packages of its base has both', async () => {
  const base = execFileSync('python3', ['-c', 'import pip; print(pip.__version__)'], { encoding: 'utf8' }).trim();
  const { environment } = await environmentOf({ called: '.venv/bin/python', settings: ['--system-site-packages'] });
  expect(environment?.packages).toMatchObject({ churnlib: '1.2.3', pip: base });
});
