import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import { forFlavors, mlflowPython, runPython } from './python.ts';

/** Loads a version of every flavour through MLflow's client with the real libraries. Run by hand, because they take some gigabytes. */

const samples = join(import.meta.dirname, '..', 'fixtures', 'samples');
const versions = {
  keras: 'keras/digits-run2/model.keras',
  'keras-h5': 'keras/digits-run2/model_legacy.h5',
  torchscript: 'pytorch/exports/model_scripted.pt',
  onnx: 'pytorch/exports/model_ts_exporter.onnx',
  xgboost: 'xgboost/breast-cancer/run-001/model.json',
  lightgbm: 'lightgbm/breast-cancer/run-001/model.txt',
  skops: 'sklearn/skops/model.skops',
  bert: 'transformers/tiny-bert-cls',
  gpt2: 'transformers/tiny-gpt2-lm',
};

const found = mlflowPython(forFlavors, 1_800_000);
if ('reason' in found) {
  console.log(`not run: ${found.reason}`);
  process.exit(0);
}
const dataFolder = mkdtempSync(join(tmpdir(), 'plinth-flavors-'));
const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
const client = connect(daemon.file, 'test');
for (const [model, path] of Object.entries(versions))
  await client.call('POST /register', { path: join(samples, path), model });
const { token } = await client.call('GET /mlflow', {});
const { code, out, err } = await runPython(found.python, [join(import.meta.dirname, 'flavors.py')], {
  MLFLOW_TRACKING_URI: `http://127.0.0.1:${daemon.file.port}`,
  MLFLOW_TRACKING_TOKEN: token,
});
await daemon.stop();
rmSync(dataFolder, { recursive: true, force: true });
const told = out.split('\n').filter((line) => /^(not )?ok /.test(line));
console.log(told.join('\n'));
if (code !== 0 || told.length === 0) console.error(err.slice(-2000));
process.exit(code === 0 && told.length > 0 && told.every((line) => line.startsWith('ok ')) ? 0 : 1);
