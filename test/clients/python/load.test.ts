import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCodeOf } from '../../../daemon/shared/load-code.ts';
import { samples, startService, temporary } from '../../support/daemon.ts';
import { pathWith } from '../../zoo/python.ts';
import { barePython, environmentOf, notRun, pythonWithLibraries, shown } from './python.ts';

/** Writes pickles with the protocol that any Python reads: a harmless one, and one whose loading makes a file `ran`. */
async function pickles(python: string): Promise<{ harmless: string; harmful: string; ran: string }> {
  const folder = temporary();
  const script = `
import os, pickle
class Harmful:
    def __reduce__(self): return (os.mkdir, (os.path.join(${JSON.stringify(folder)}, "ran"),))
for name, value in (("harmless", {"weights": [1, 2, 3]}), ("harmful", Harmful())):
    with open(os.path.join(${JSON.stringify(folder)}, name + "_weights.pkl"), "wb") as file: pickle.dump(value, file, 2)
`;
  await shown(python, script);
  return {
    harmless: join(folder, 'harmless_weights.pkl'),
    harmful: join(folder, 'harmful_weights.pkl'),
    ran: join(folder, 'ran'),
  };
}

test('a pickle that runs code is loaded only for somebody who trusts it, and its files are not even placed before', async (context) => {
  const python = barePython(context);
  const service = await startService();
  const { harmless, harmful, ran } = await pickles(python);
  await service.client.call('POST /register', { path: harmless, model: 'harmless' });
  await service.client.call('POST /register', { path: harmful, model: 'harmful' });
  const [loaded, refusal, hasRun, isPlaced, hasRunAfter] = await shown(
    python,
    `
import os
show(plinth.load("harmless"))
show(refusal(lambda: plinth.load("harmful@1")))
show(os.path.exists(${JSON.stringify(ran)}))
show(os.path.exists(os.path.join(os.environ["PLINTH_DATA"], "versions", "harmful@1")))
plinth.load("harmful@1", trust=True)
show(os.path.exists(${JSON.stringify(ran)}))
`,
    environmentOf(service),
  );
  expect(loaded).toEqual({ weights: [1, 2, 3] });
  expect(refusal).toEqual([
    'unsafe',
    expect.stringMatching(/^harmful@1 was not loaded: its pickle runs code \((posix|nt)\.mkdir\)\. If you trust its author, pass trust=True\.$/), // prettier-ignore
  ]);
  expect([hasRun, isPlaced, hasRunAfter]).toEqual([false, false, true]);
});

test('a pickle that the registry cannot analyse or has not inspected is not loaded without trust', async (context) => {
  const python = barePython(context);
  const script = `
from plinth._load import load_version
def attempt(framework, format, pickle, manifest=()):
    version = {"framework": framework, "format": format, "pickle": pickle, "manifest": [{"path": one} for one in manifest]}
    return refusal(lambda: load_version(version, "m@1", False, lambda: 1 / 0))
show([attempt("scikit-learn", "joblib", None), attempt("unknown", "pickle", "unreadable"), attempt("fastai", "torch zip", None),
      attempt("pytorch", "torch zip whole module", "runs code"), attempt("ultralytics", "torch zip checkpoint", None)])
`;
  const [refusals] = await shown(python, script);
  expect((refusals as [string, string][]).map(([code]) => code)).toEqual(Array.from({ length: 5 }, () => 'unsafe'));
});

test('a framework that is not installed is one sentence with the command that installs it', async (context) => {
  const python = barePython(context);
  const service = await startService();
  for (const [path, model] of [
    ['xgboost/breast-cancer/run-001/model.json', 'booster'],
    ['sklearn/iris-script/outputs/v1/model.joblib', 'iris'],
    ['peft/adapter-lora', 'adapter'],
  ] as const)
    await service.client.call('POST /register', { path: join(samples, path), model });
  const [booster, joblib, hostile, own] = await shown(
    python,
    `
from plinth._load import _missing
show(refusal(lambda: plinth.load("booster")))
show(refusal(lambda: plinth.load("iris")))
def of(module, release="1.0; rm -rf /"):
    return str(_missing(module, "m@1", {"framework": "xgboost", "frameworkVersion": release}))
show(of("xgboost.core"))
show([of("reqeusts"), of("sklearn.tree"), of("a b")])
`,
    environmentOf(service),
  );
  const needs = 'which is not installed in this Python. Install it with: pip install';
  expect(booster).toEqual(['missing-package', `booster@1 needs xgboost, ${needs} xgboost==3.2.0`]);
  expect(joblib).toEqual(['missing-package', `iris@1 needs joblib, ${needs} joblib`]);
  expect(hostile).toBe(`m@1 needs xgboost, ${needs} xgboost`);
  expect(own).toEqual([
    'm@1 needs the module reqeusts of the code that trained it. Put its folder on sys.path.',
    `m@1 needs scikit-learn, ${needs} scikit-learn`,
    'm@1 needs the module a b of the code that trained it. Put its folder on sys.path.',
  ]);
});

/** Framework and format of each kind of version that the editor has a snippet for. */
const kinds = [...readFileSync(join(import.meta.dirname, '../../shared/load-code.test.ts'), 'utf8').matchAll(/^ {2}\['([^']+)', '([^']+)', '[^\n]+'\],$/gm)].map(([, framework = '', format = '']) => ({ framework, format })); // prettier-ignore

test('a version is loaded with the library that the editor writes into its snippet', async (context) => {
  const python = barePython(context);
  expect(kinds.length).toBeGreaterThan(25);
  const unknown = { framework: 'unknown', format: 'tflite' };
  const script = `from plinth._load import find_loader
found = [find_loader(**kind) for kind in json.loads(${JSON.stringify(JSON.stringify([...kinds, unknown]))})]
show([one and one.module.split(".")[0] for one in found])`;
  const expected = kinds.map((kind) => /^(?:import|from) (\w+)/.exec(loadCodeOf(kind) ?? '')?.[1]);
  expect(await shown(python, script)).toEqual([[...expected, null]]);
});

test('models that scikit-learn saved predict what they predicted', { timeout: 400_000 }, async (context) => {
  const python = pythonWithLibraries(context);
  const service = await startService();
  const outputs = join(samples, 'sklearn', 'iris-script', 'outputs');
  const pickle = join(temporary(), 'model.pkl');
  copyFileSync(join(outputs, 'v1', 'model.pkl'), pickle);
  await service.client.call('POST /register', { path: join(outputs, 'v1', 'model.joblib'), model: 'iris' });
  await service.client.call('POST /register', { path: pickle, model: 'pickled' });
  const script = `
flower = [[5.1, 3.5, 1.4, 0.2]]
import numpy
plinth.log_metrics({"numpy": numpy.float32(0.5), "count": numpy.int64(3)}, "iris")
show([plinth.load(one).predict(numpy.array(flower)).tolist() for one in ("iris@1", "models:/iris/1", plinth.get("pickled"))])
show(plinth.get("iris").metrics["count"])
frame = plinth.versions("iris").to_frame()
show([list(frame["reference"]), float(frame["metrics.numpy"][0]), str(frame["createdAt"].dtype)[:10]])
show(sorted(plinth.compare("iris@1", "pickled@1").to_frame().columns))
`;
  const [predicted, count, frame, columns] = await shown(python, script, environmentOf(service));
  expect(predicted).toEqual([[0], [0], [0]]);
  expect(count).toBe(3);
  expect(frame).toEqual([['iris@1'], 0.5, 'datetime64']);
  expect(columns).toEqual(['iris@1', 'name', 'pickled@1', 'section']);
});

test('boosters, skops files and arrays are loaded with their own libraries', { timeout: 120_000 }, async (context) => {
  const found = pathWith('light', false);
  if ('reason' in found) return notRun(context, found.reason);
  const python = join(found.path.split(':')[0] ?? '', 'python');
  const service = await startService();
  for (const [model, path] of Object.entries({
    xgboost: 'xgboost/breast-cancer/run-001/model.json',
    lightgbm: 'lightgbm/breast-cancer/run-001/model.txt',
    catboost: 'catboost/model.cbm',
    skops: 'sklearn/skops/model.skops',
    numpy: 'npz/weights.npz',
  }))
    await service.client.call('POST /register', { path: join(samples, path), model });
  const script = `
for name in ("xgboost", "lightgbm", "catboost", "skops", "numpy"): show(type(plinth.load(name)).__name__)`;
  const names = ['Booster', 'Booster', 'CatBoost', 'LogisticRegression', 'NpzFile'];
  expect(await shown(python, script, environmentOf(service))).toEqual(names);
});
