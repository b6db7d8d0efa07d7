import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mlflowPython, runPython } from '../mlflow/python.ts';
import { theirs } from './mlflow-server.ts';
import { place, row, type Row } from './place.ts';

const files = 400;
const rounds = 3;

/** Logs a folder to a run of its own as many times as told, with new files each time, and prints the ms of each. */
const script = `
import os, sys, time, mlflow
folder, rounds = sys.argv[1], int(sys.argv[2])
for n in range(rounds):
    mine = os.path.join(folder, str(n))
    with mlflow.start_run():
        began = time.perf_counter()
        mlflow.log_artifacts(mine, "model")
        print((time.perf_counter() - began) * 1000, flush=True)
`;

/** Measures MLflow's own client as it logs 400 files one after another, to our server and to its own alternately. */
export async function manyUploads(): Promise<Row[]> {
  const what = `MLflow log_artifacts of ${files} files of 1 to 8 KB, a file`;
  const other = await theirs(['--workers', '1']);
  const found = mlflowPython();
  if ('reason' in other || 'reason' in found) return [row(what, '≤ mlflow server', 'not run')];
  const here = await place();
  const { token } = await here.client.call('GET /mlflow', {});
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const best = { own: Infinity, other: Infinity };
  const log = async (uri: string, name: keyof typeof best, round: number): Promise<void> => {
    const from = join(folder, `${name}-${round}`);
    makeFiles(from);
    const env = { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: name === 'own' ? token : '', MLFLOW_DISABLE_TELEMETRY: 'true' };
    const { code, out, err } = await runPython(found.python, ['-c', script, from, '2'], env);
    if (code !== 0) throw new Error(err.slice(-500));
    for (const line of out.split('\n').filter((one) => /^[\d.]+$/.test(one))) best[name] = Math.min(best[name], Number(line) / files);
  }; // prettier-ignore
  for (let round = 0; round < rounds; round += 1) {
    await log(`http://127.0.0.1:${here.file.port}`, 'own', round);
    await log(`http://127.0.0.1:${other.port}`, 'other', round);
  }
  await here.end();
  await other.end();
  rmSync(folder, { recursive: true, force: true });
  const text = `${best.own.toFixed(2)} ms against ${best.other.toFixed(2)} ms, the best of ${2 * rounds} each`;
  return [row(what, '≤ mlflow server', text, best.own <= best.other)];
}

function makeFiles(folder: string): void {
  for (const part of ['0', '1']) {
    mkdirSync(join(folder, part), { recursive: true });
    for (let n = 0; n < files; n += 1)
      writeFileSync(join(folder, part, `part-${n}.bin`), randomBytes(1024 + (n % 7) * 1024));
  }
}
