import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { readMlflowRun, type RunFolder } from '../../../daemon/ingest/run-logs/readers/mlruns.ts';
import { samples } from '../../support/daemon.ts';
import { expectedArtifact, valuesOf, readBytes, readerOf, readText, sampleBytes, summaries } from './sample.ts';

describe('Sacred', () => {
  test.each(['runs/1', 'runs/2', 'runs/3'])('%s has its params, its series and how it ended', (id) => {
    const expected = expectedArtifact('sacred', id);
    expect(valuesOf(`sacred/${id}/config.json`).params).toEqual(expected.params);
    expect(summaries(valuesOf(`sacred/${id}/metrics.json`))).toEqual(expected.series);
    const run = valuesOf(`sacred/${id}/run.json`);
    expect(run.status).toBe(id === 'runs/3' ? 'failed' : 'finished');
    expect(run.metrics).toEqual(id === 'runs/3' ? {} : { result: expected.metrics.final['accuracy'] });
  });

  test.each([
    ['RUNNING', 'running'],
    ['INTERRUPTED', 'failed'],
    ['<b>done</b>', null],
  ])('a run of status %s is %s', (status, expected) => {
    expect(readText('run.json', JSON.stringify({ status, experiment: {} })).status).toBe(expected);
  });

  test('the run.json of another program says nothing', () => {
    const values = readText('run.json', '{"status": "COMPLETED", "result": 3}');
    expect([values.status, values.metrics, values.problems]).toEqual([null, {}, []]);
  });
});

describe('CatBoost', () => {
  test('its tables of errors are series named by their set', () => {
    const { series } = expectedArtifact('catboost', 'catboost');
    expect(summaries(valuesOf('catboost/catboost_info/test_error.tsv'))).toEqual(series);
    const learn = valuesOf('catboost/catboost_info/learn_error.tsv').series;
    expect(Object.keys(learn)).toEqual(['learn/Accuracy', 'learn/MultiClass', 'learn/TotalF1']);
    expect(valuesOf('catboost/catboost_info/time_left.tsv').series).toEqual({});
  });

  test('its training.json tells the best values, by the direction that it names, and that all iterations were made', () => {
    const values = valuesOf('catboost/catboost_info/catboost_training.json');
    expect(values.best['test/MultiClass']).toEqual({ value: 0.1445798796, step: 29, mode: 'min' });
    expect(values.best['test/Accuracy']).toEqual({ value: 0.9814814815, step: 4, mode: 'max' });
    expect([values.status, values.params]).toEqual(['finished', { iteration_count: 30 }]);
  });
});

describe('Optuna', () => {
  test("a study's journal gives its best trial, its values and its trials by state", () => {
    const values = valuesOf('optuna/journal.log');
    const { value, mode } = expectedArtifact('optuna', 'journal').metrics.best['objective'] ?? {};
    expect(values.best).toEqual({ objective: { value, step: null, mode } });
    expect(values.metrics).toEqual({ objective: value });
    expect(values.params).toEqual({ best_trial: 7, best_params: expectedArtifact('optuna', 'sqlite').params });
    expect(values.series['objective']).toHaveLength(10);
    expect(readerOf('journal.log').marksRun).toBe(false);
  });

  test("a study's database says what its journal says", () => {
    const [database, journal] = [valuesOf('optuna/optuna.db'), valuesOf('optuna/journal.log')];
    const { value, mode } = expectedArtifact('optuna', 'sqlite').metrics.best['objective'] ?? {};
    expect(database.best).toEqual({ objective: { value, step: null, mode } });
    expect(database.metrics).toEqual(journal.metrics);
    expect(database.params).toEqual(journal.params);
    expect(database.series['objective']?.map(([step, , at]) => [step, at])).toEqual(
      journal.series['objective']?.map(([step, , at]) => [step, at]),
    );
    expect(database.series['objective']?.[0]?.[1]).toBe(Date.parse('2026-11-21T09:07:13.950Z'));
    expect(readerOf('study.sqlite3').marksRun).toBe(false);
  });

  test('a database of another program, a cut one and a file that is none say nothing of trials', () => {
    const bytes = sampleBytes('optuna/optuna.db');
    const cut = readBytes('study.db', bytes.subarray(0, 20_000));
    expect([cut.metrics, cut.problems.length]).toEqual([{}, 1]);
    expect(readText('Thumbs.db', 'something else')).toMatchObject({ metrics: {}, problems: [] });
  });

  test('which of several studies a model comes from is not known, and a deleted one counts for nothing', () => {
    const lines = [
      { op_code: 0, study_name: 'a', directions: [2] },
      { op_code: 0, study_name: '<i>b</i>', directions: [1, 2] },
      { op_code: 0, study_name: 'gone', directions: [1] },
      { op_code: 4, study_id: 1, state: 1, values: [0.5, 3], params: { x: 1 }, distributions: {} },
      { op_code: 4, study_id: 2, state: 1, value: 9 },
      { op_code: 4, study_id: 0 },
      { op_code: 6, trial_id: 2, state: 1, values: [7] },
      { op_code: 1, study_id: 2 },
    ];
    const journal = (some: object[]): string => some.map((line) => `${JSON.stringify(line)}\n`).join('');
    const both = readText('journal.log', journal(lines));
    expect([both.metrics, both.series, both.params]).toEqual([{}, {}, {}]);
    expect(both.problems).toEqual(['it contains 2 studies, and it is not known which of them this model comes from']);
    const one = readText('journal.log', journal([...lines, { op_code: 1, study_id: 1 }]));
    expect([one.metrics, one.params]).toEqual([{ objective: 7 }, { best_trial: 0, best_params: {} }]);
  });

  test("another program's log is not taken for a journal, and a bad line in one is noted", () => {
    expect(readText('journal.log', 'Nov 21 systemd: started\nNov 22\n').problems).toEqual([]);
    const text = '{"op_code":0,"study_name":"a","directions":[1]}\nnonsense\n{"op_code":4,"study_id":0}\n{"op_co';
    const values = readText('journal.log', text);
    expect(values.problems).toEqual(['line 2 is not an operation; skipped']);
    expect(values.metrics).toEqual({});
  });
});

describe('Ray Tune', () => {
  const result = (iteration: number, more: object = {}): string =>
    `${JSON.stringify({ loss: 1 / iteration, training_iteration: iteration, step: 99, timestamp: 1_795_252_000 + iteration, pid: 7, time_total_s: 2.5, env: { reward: 3 }, config: { lr: 0.1, net: { layers: 2 } }, ...more })}\n`;

  test('result.json is a series by training_iteration with its config as params, until it is done', () => {
    const values = readText('result.json', result(1) + result(2));
    expect(values.series).toEqual({
      loss: [
        [1, 1_795_252_001_000, 1],
        [2, 1_795_252_002_000, 0.5],
      ],
      'env/reward': [
        [1, 1_795_252_001_000, 3],
        [2, 1_795_252_002_000, 3],
      ],
    });
    expect([values.params, values.status]).toEqual([{ lr: 0.1, net: { layers: 2 } }, null]);
    expect(readText('result.json', result(1) + result(2, { done: true })).status).toBe('finished');
  });

  test('a result.json that a script wrote as one document is read as metrics', () => {
    expect(readText('result.json', '{\n  "accuracy": 0.9\n}\n').metrics).toEqual({ accuracy: 0.9 });
    expect(readText('result.json', '{"accuracy": 0.9}').metrics).toEqual({ accuracy: 0.9 });
  });

  test('a first line that is still being written says nothing yet', () => {
    for (const size of [10, result(1).length - 1]) {
      const values = readText('result.json', result(1).slice(0, size));
      expect([values.metrics, values.series, values.problems]).toEqual([{}, {}, []]);
    }
  });

  test('progress.csv leaves out what tells of the trial only', () => {
    const text = 'loss,training_iteration,trial_id,pid,time_total_s,config/lr\n0.5,1,0a_1,7,2.5,0.1\n';
    expect(readText('progress.csv', text).series).toEqual({ loss: [[1, null, 0.5]] });
  });
});

describe('other tables and params', () => {
  test("spaCy's log of training is a series by step", () => {
    expect(valuesOf('spacy/training/log.jsonl').series['score']?.at(-1)).toEqual([60, null, 0.898989899]);
  });

  test("ultralytics' results.csv is read though its headers begin with spaces", () => {
    const head = '                  epoch,      train/box_loss,   metrics/mAP50(B)';
    const text = `${head}\n                      1,              1.5327,            0.41123\n`;
    expect(readText('results.csv', text).series).toEqual({
      'train/box_loss': [[1, null, 1.5327]],
      'metrics/mAP50(B)': [[1, null, 0.41123]],
    });
    expect(readText('args.yaml', 'task: detect\nlr0: 0.01\nresume: null\n').params).toMatchObject({ lr0: 0.01 });
  });

  test('TOML gives params, whatever their names, and what it is no TOML for is noted', () => {
    const text =
      'lr = 1e-3\n"__proto__" = 1\n[model]\nlayers = [1, 2]\nwidth = 9007199254740993\n[when]\nat = 2026-11-21T09:00:00Z\ninf = -inf\n';
    expect(readText('params.toml', text).params).toEqual({
      lr: 0.001,
      model: { layers: [1, 2], width: '9007199254740993' },
      when: { at: '2026-11-21T09:00:00.000Z', inf: '-Infinity' },
    });
    expect(readText('config.toml', 'lr = = 1').problems).toHaveLength(1);
  });
});

describe('MLflow', () => {
  const store = join(samples, 'mlflow/filestore/mlruns/588370599175255012');
  const folderAt = (top: string): RunFolder => ({
    list: (folder) => {
      const path = join(top, folder);
      const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
      const named = (isWanted: (entry: (typeof entries)[number]) => boolean): string[] =>
        entries.filter(isWanted).map(({ name }) => name);
      return { files: named((entry) => entry.isFile()), folders: named((entry) => entry.isDirectory()) };
    },
    open: (file) => (existsSync(join(top, file)) ? sourceOf(readFileSync(join(top, file))) : undefined),
  });

  test.each([
    ['filestore#v1', 'aaa1590f3db94b17924f462076b79b8c'],
    ['filestore#v2', 'a6606e8e38d343b9bfe9cdea00683956'],
  ])('the run of %s has its params, series, last values, tags and times', (sampleId, id) => {
    const expected = expectedArtifact('mlflow', sampleId);
    const run = readMlflowRun(folderAt(join(store, id)));
    expect(run?.values.params).toEqual(expected.params);
    expect(run && summaries(run.values)).toEqual(expected.series);
    expect(run?.values.metrics).toEqual(expected.metrics.final);
    expect([run?.runId, run?.values.status, run?.deleted]).toEqual([id, 'finished', false]);
    expect(run?.tags).toContainEqual(['team', 'health']);
    expect((run?.endedAt ?? 0) - (run?.startedAt ?? 0)).toBeGreaterThan(0);
  });

  test("a run whose process was killed is still running in MLflow's eyes", () => {
    expect(readMlflowRun(folderAt(join(store, '91dc5bd883b04bd3a508a1570bca385a')))?.values.status).toBe('running');
  });

  test.each([
    ['1', 'running'],
    ['3', 'finished'],
    ['4', 'failed'],
    ['5', 'killed'],
    ['<b>', null],
  ])('status %s is %s', (status, expected) => {
    const meta = Buffer.from(`run_id: x\nstatus: ${status}\nlifecycle_stage: deleted\n`);
    const run = readMlflowRun({ list: () => ({ files: [], folders: [] }), open: () => sourceOf(meta) });
    expect([run?.values.status, run?.deleted]).toEqual([expected, true]);
  });

  test('the folders of an experiment and of a model, and a meta.yaml that is none, are no runs', () => {
    expect(readMlflowRun(folderAt(store))).toBeUndefined();
    expect(readMlflowRun(folderAt(join(store, 'models')))).toBeUndefined();
    for (const text of ['run_id: [', '\u0000', `run_id: ${'['.repeat(60_000)}`, 'a: &a [*a]\nrun_id: *a', '?']) {
      const open = (): ReturnType<typeof sourceOf> => sourceOf(Buffer.from(text));
      expect(() => readMlflowRun({ list: () => ({ files: [], folders: [] }), open })).not.toThrow();
    }
  });

  test('the last value is that of the highest step, then time; lines that are no points are passed over', () => {
    const files: Record<string, string> = {
      'meta.yaml': 'run_id: x\nstatus: 1\n',
      'metrics/a': '5 0.5 2\n9 0.9 1\n\n5 0.5 2\n6 nan 2\njunk\n7 0.7',
      'metrics/b': '\u0000\u0001\n',
    };
    const run = readMlflowRun({
      list: (folder) => ({ files: folder === 'metrics' ? ['a', 'b'] : [], folders: [] }),
      open: (file) => (files[file] === undefined ? undefined : sourceOf(Buffer.from(files[file]))),
    });
    expect(run?.values.series['a']).toEqual([
      [1, 9, 0.9],
      [2, 5, 0.5],
      [2, 6, NaN],
    ]);
    expect([run?.values.metrics['a'], run?.values.status]).toEqual([NaN, 'running']);
    expect(run?.values.problems).toEqual(['metrics/b has no line that is a point']);
  });
});
