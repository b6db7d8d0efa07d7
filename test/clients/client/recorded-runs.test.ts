import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { reproduce, type Reproduction } from '../../../daemon/clients/client/reproduce.ts';
import { startService, samples, until, type TestService } from '../../support/daemon.ts';

const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
const canRun =
  process.platform === 'linux' && ['git', 'python3'].every((name) => spawnSync(name, ['--version']).status === 0);

/** Saves a model below `out`, and writes down how it was run. For a sweep it does so once per value, in folders as Hydra makes them. */
const script = `
import os, sys, time
def save(folder, overrides):
    os.makedirs(folder + "/.hydra", exist_ok=True)
    with open(folder + "/.hydra/overrides.yaml", "w") as file: file.write("".join("- " + one + "\\n" for one in overrides))
    with open(folder + "/said.txt", "w") as file: file.write(" ".join(overrides) + "|" + open("../data/train.csv").read())
    with open(folder + "/model.joblib", "wb") as file:
        file.write(open(${JSON.stringify(model)}.replace("v1", "v2" if overrides == ["lr=0.2"] else "v1"), "rb").read())
        file.flush()
        time.sleep(2.5)
args = sys.argv[1:]
if "-m" in args:
    for at, value in enumerate(args[1].split("=")[1].split(",")): save("../out/sweep-" + str(at), ["lr=" + value])
else: save("../out/" + args[0], args[1:]) if "/" not in args[0] and "=" not in args[0] else save("../out/again", args)
`;

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a project whose data and environment git ignores, and whose script runs in a folder of its own. */
async function project(): Promise<TestService & { top: string }> {
  const service = await startService({ timing: { runQuietMs: 500 } });
  const top = join(service.folder, 'project');
  put(join(top, 'src', 'train.py'), script);
  put(join(top, '.gitignore'), 'data\nout\n.venv\nvenv\n');
  utimesSync(put(join(top, 'data', 'train.csv'), 'a,b\n1,2\n'), 1_700_000_000, 1_700_000_000);
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  for (const folder of ['.venv/bin', 'venv']) {
    mkdirSync(join(top, 'src', folder), { recursive: true });
    symlinkSync(python, join(top, 'src', folder, 'python'));
  }
  mkdirSync(join(top, 'out'));
  const named = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-q', '-m', 'first'],
  ])
    execFileSync('git', ['-C', top, ...named, ...args]);
  await service.client.call('POST /roots', { path: join(top, 'out') });
  return { ...service, top };
}

/** Runs a command in the project's `src`, then reproduces the version of its model and runs what REPRODUCE.md says. */
async function again(
  service: TestService & { top: string },
  name: string,
  ...command: string[]
): Promise<Reproduction> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: join(service.top, 'src'), stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect((await once(child, 'exit'))[0]).toBe(0);
  const path = join(service.top, 'out', name, 'model.joblib');
  const of = await until(
    async () => {
      const { artifact } = await service.client.call('GET /why', { path });
      const { model, version } = artifact ?? {};
      if (!model || !version) return undefined;
      const found = { model, version: String(version) };
      return (await service.client.call('GET /models/:model/versions/:version', found)).lineage ? found : undefined;
    },
    `the lineage of ${name}`,
    20_000,
  );
  const made = await reproduce(service.client, of.model, of.version, join(service.folder, `again-${name}`));
  const guide = readFileSync(join(made.folder, 'REPRODUCE.md'), 'utf8');
  const shell = /^```sh\n([\s\S]*?)^```$/m.exec(guide)?.[1];
  execFileSync('sh', ['-e', '-c', shell!], { cwd: '/', env: { PATH: process.env['PATH'] } });
  return made;
}

test.skipIf(!canRun)(
  'three recorded runs are laid out in empty folders and run there: each in its folder, with its interpreter, a sweep’s job alone',
  { timeout: 90_000 },
  async () => {
    const service = await project();
    const plain = await again(service, 'plain', '.venv/bin/python', 'train.py', 'plain', 'lr=0.5');
    expect(plain.workingFolder).toBe(join(plain.folder, 'src'));
    expect(readFileSync(join(plain.folder, 'out/plain/said.txt'), 'utf8')).toBe('lr=0.5|a,b\n1,2\n');
    expect(plain.command?.[0]).toBe(join(service.top, 'src/.venv/bin/python'));

    const absolute = await again(service, 'absolute', './venv/python', join(service.top, 'src/train.py'), 'absolute');
    expect(absolute.command?.slice(1)).toEqual([join(absolute.folder, 'src/train.py'), 'absolute']);
    expect(existsSync(join(absolute.folder, 'out/absolute/model.joblib'))).toBe(true);

    const sweep = await again(service, 'sweep-1', 'python3', 'train.py', '-m', 'lr=0.1,0.2');
    expect(sweep.command?.slice(1)).toEqual(['train.py', 'lr=0.2']);
    expect(readFileSync(join(sweep.folder, 'out/again/said.txt'), 'utf8')).toBe('lr=0.2|a,b\n1,2\n');
  },
);
