import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { namedByCommand, namedInScript, scriptNaming } from '../../../daemon/ingest/lineage/named-data.ts';
import type { SeenProcess } from '../../../daemon/ingest/executions/process.ts';
import type { DataFile } from '../../../daemon/protocol/lineage.ts';
import { startService, samples, temporary, until, type TestService } from '../../support/daemon.ts';

const model = join(samples, 'sklearn', 'iris-script', 'outputs', 'v1', 'model.joblib');
const hasPython = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a project whose `out` is watched, with data that is older than every run. */
async function project(): Promise<TestService & { top: string }> {
  const service = await startService();
  const top = join(service.folder, 'project');
  for (const name of ['data/train.csv', 'data/test.csv', 'raw/images.npy', 'old.csv', 'data/labels.jsonl']) {
    const path = put(join(top, name), 'a,b\n1,2\n3,4\n');
    utimesSync(path, 1_700_000_000, 1_700_000_000);
  }
  put(join(top, 'shapes.yaml'), 'train: data\n');
  mkdirSync(join(top, 'out'));
  await service.client.call('POST /roots', { path: join(top, 'out') });
  return { ...service, top };
}

/** Runs a script as people do, which saves `out/NAME/model.joblib` at its end. Returns the data that its version names as its source. */
async function dataOf(
  service: TestService & { top: string },
  name: string,
  script: string,
  ...args: string[]
): Promise<DataFile[]> {
  const save = `
import os, shutil, time
os.makedirs("out/${name}", exist_ok=True)
with open("out/${name}/model.joblib", "wb") as file:
    file.write(open(${JSON.stringify(model)}, "rb").read())
    file.flush()
    time.sleep(${script.startsWith('# quick') ? 0 : 3})
`;
  put(join(service.top, `${name}.py`), script + save);
  const child = spawn('python3', [`${name}.py`, ...args], { cwd: service.top, stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect((await once(child, 'exit'))[0]).toBe(0);
  const lineage = await until(async () => {
    const request = { model: name, version: '1' };
    return (
      (await service.client.call('GET /models/:model/versions/:version', request).catch(() => undefined))?.lineage ??
      undefined
    );
  }, `the lineage of ${name}`);
  return lineage.data;
}

function notHere({ task, skip }: TestContext): void {
  const reason = 'needs Linux and python3';
  Object.assign(task.meta, { reason });
  skip(reason);
}

test(
  'a script’s data is found by its arguments, by what it reads and by what it names',
  { timeout: 60_000 },
  async (context) => {
    if (!hasPython) return notHere(context);
    const service = await project();
    const script = `
import csv, mmap
from pathlib import Path
rows = list(csv.reader(open("data/train.csv")))
DATA = Path("data")
labels = (DATA / "labels.jsonl").read_text()
file = open(chr(114) + "aw/images" + ".npy", "rb")
images = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
file.close()
open("preds.csv", "w").write("x")
`;
    const data = await dataOf(
      service,
      'seen',
      script,
      '--train_file',
      'old.csv',
      '--test=data/test.csv',
      'data=shapes.yaml',
    );
    expect(data.map(({ path, named }) => [path, named]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['data/labels.jsonl', 'named in the script'],
      ['data/test.csv', 'argument --test'],
      ['data/train.csv', 'named in the script'],
      ['old.csv', 'argument --train_file'],
      ['raw/images.npy', 'read by the process'],
      ['shapes.yaml', 'argument data'],
    ]);
    return undefined;
  },
);

test(
  'data of a script that is gone before anybody saw it writing is found by the script that names the artifact',
  { timeout: 60_000 },
  async (context) => {
    if (!hasPython) return notHere(context);
    const service = await project();
    await dataOf(service, 'other', '# quick\nopen("old.csv").read()\n');
    const data = await dataOf(
      service,
      'quick',
      '# quick\nopen("data/train.csv").read()\nopen("preds.csv", "w").write("x")\n',
    );
    const [only, ...more] = data;
    expect([only?.path, more]).toEqual(['data/train.csv', []]);
    expect(only?.named).toMatch(/^named in (the script|quick\.py, which names model\.joblib)$/);
    return undefined;
  },
);

test('a script is named only where it is sure which one made the artifact', () => {
  const top = temporary();
  put(join(top, 'a.py'), 'save("out/a/model.pt")');
  put(join(top, 'b.py'), 'save("out/b/model.pt")');
  put(join(top, 'c.py'), 'save("other.pt")');
  expect(scriptNaming(join(top, 'out/a/model.pt'), [top])).toBe(join(top, 'a.py'));
  expect(scriptNaming(join(top, 'out/c/model.pt'), [top])).toBeUndefined();
  expect(scriptNaming(join(top, 'out/x/other.pt'), [top])).toBe(join(top, 'c.py'));
  expect(scriptNaming(join(top, 'out/x/none.pt'), [top, join(top, 'not-there')])).toBeUndefined();
});

test('what a run writes itself, and files that tell how to run, are not its data', () => {
  const top = temporary();
  const script = put(
    join(top, 'train.py'),
    'read("in.csv")\nwrite("out.csv")\nread("config.json")\nread("../x.csv")\nread("https://a.example/in.csv")',
  );
  for (const name of ['in.csv', 'config.json']) utimesSync(put(join(top, name), 'a\n'), 1_700_000_000, 1_700_000_000);
  put(join(top, 'out.csv'), 'a\n');
  const seen = { script, folder: top, startedAt: Date.now() - 60_000 } as SeenProcess;
  expect(namedInScript(seen, top)).toEqual([{ path: join(top, 'in.csv'), by: 'named in the script' }]);
});

test('a notebook’s code is read, not its outputs', () => {
  const top = temporary();
  for (const name of ['in.csv', 'shown.csv']) utimesSync(put(join(top, name), 'a\n'), 1_700_000_000, 1_700_000_000);
  const cells = [
    { cell_type: 'code', source: ['read_csv("in.csv")\n'], outputs: [{ text: '"shown.csv"' }] },
    { cell_type: 'markdown', source: '"shown.csv"' },
  ];
  const script = put(join(top, 'train.ipynb'), JSON.stringify({ cells }));
  const seen = { script, folder: top, startedAt: Date.now() } as SeenProcess;
  expect(namedInScript(seen, top).map(({ path }) => path)).toEqual([join(top, 'in.csv')]);
});

test('arguments name data by ending, or by an option that says so', () => {
  const named = (...args: string[]): string[] => namedByCommand(['python', ...args], '/p').map(({ path }) => path);
  expect(named('train.py', '--lr', '0.1', '--out', 'model.pt')).toEqual([]);
  expect(named('train.py', 'a.csv,b.csv', '--config', 'config.yaml')).toEqual(['/p/a.csv', '/p/b.csv']);
  expect(named('train.py', '--data', 'coco.yaml', '--valid=/abs/v.parquet')).toEqual([
    '/p/coco.yaml',
    '/abs/v.parquet',
  ]);
  expect(named('train.py', '--data', 's3://bucket/x.csv', '--cfg', 'net.yaml')).toEqual([]);
});

test('what a script saves is not its data, however old that file is', () => {
  const top = temporary();
  for (const name of ['in.csv', 'both.csv', 'out.csv', 'opened.csv', 'added.csv', 'saved.npy'])
    put(join(top, name), '1');
  const script = put(
    join(top, 'train.py'),
    `
frame = pd.read_csv("in.csv").join(pd.read_csv("both.csv"))
frame.to_csv("out.csv", index=False)
frame.to_csv("both.csv")
np.save( "saved.npy", frame)
open("opened.csv", mode="w").write("x")
with open('added.csv', 'a') as log: pass
`,
  );
  const named = namedInScript({ script, folder: top, startedAt: null }, top);
  expect(named.map(({ path }) => path.slice(top.length + 1))).toEqual(['in.csv', 'both.csv']);
});
