import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { samples } from '../support/daemon.ts';

/** The source of a run folder: a sample's folder, and the files to copy from it. */
interface Run {
  from: string;
  only?: readonly string[];
}

const saved = ['model.joblib', 'metrics.json', 'params.yaml'];

/** Runs of one script, oldest first. */
export const iris: Record<string, Run> = {
  v1: { from: 'sklearn/iris-script/outputs/v1', only: saved },
  v2: { from: 'sklearn/iris-script/outputs/v2', only: saved },
  v3: { from: 'sklearn/iris-script/outputs/v3', only: saved },
};

export const breastCancer: Record<string, Run> = {
  'run-001': { from: 'xgboost/breast-cancer/run-001' },
  'run-002': { from: 'xgboost/breast-cancer/run-002' },
};

const hourMs = 3_600_000;

/** Makes a temporary workspace folder with these runs at `outputs/<model>/<run>`, written an hour apart. It is removed after the file's tests. */
export function trainingOutputs(models: Record<string, Record<string, Run>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-workspace-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const [model, runs] of Object.entries(models)) {
    const oldest = Date.now() - (Object.keys(runs).length + 1) * hourMs;
    Object.entries(runs).forEach(([run, { from, only }], index) => {
      const target = join(folder, 'outputs', model, run);
      mkdirSync(target, { recursive: true });
      for (const file of only ?? readdirSync(join(samples, from))) {
        if (/^(expected|registered)\.json$/.test(file)) continue;
        cpSync(join(samples, from, file), join(target, file), { recursive: true });
        const writtenAt = new Date(oldest + index * hourMs);
        utimesSync(join(target, file), writtenAt, writtenAt);
      }
    });
  }
  return folder;
}
