import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelName } from '../../daemon/ingest/artifact/naming.ts';

/** root, folder below it, primary, whole folder, siblings, name. */
const files: [string, string, string, number, string][] = [
  ['/w/sklearn', 'iris-script/outputs/v1', 'model.joblib', 1, 'iris-script'],
  ['/w/sklearn', 'diabetes-pickle', 'model_v1.pkl', 1, 'diabetes-pickle'],
  ['/w/sklearn', 'wine-variants', 'model.joblib.gz', 3, 'wine-variants'],
  ['/w/sklearn', 'wine-variants', 'model.xz.joblib', 3, 'wine-variants'],
  ['/w/sklearn', 'wine-variants', 'custom_cloudpickle.pkl', 3, 'custom_cloudpickle'],
  ['/w/sklearn', 'skops', 'model.skops', 0, 'skops'],
  ['/w/pytorch', 'digits-mlp-a', 'model.pt', 1, 'digits-mlp-a'],
  ['/w/pytorch', 'digits-mlp-a/checkpoints', 'epoch_024.pt', 2, 'digits-mlp-a'],
  ['/w/pytorch', 'digits-mlp-a/checkpoints', 'best.pt', 2, 'digits-mlp-a'],
  ['/w/pytorch', 'exports', 'model_scripted.pt', 6, 'model_scripted'],
  ['/w/pytorch', 'exports', 'model_traced.pt', 6, 'model_traced'],
  ['/w/pytorch', 'exports', 'whole_module.pth', 6, 'whole_module'],
  ['/w/pytorch', 'exports', 'model_ts_exporter.onnx', 6, 'model_ts_exporter'],
  ['/w/lightning', 'lightning_logs/version_0/checkpoints', 'epoch=7-step=72-val_loss=0.171.ckpt', 2, 'lightning'],
  ['/w/lightning', 'lightning_logs/version_1/checkpoints', 'last.ckpt', 2, 'lightning'],
  ['/w/hydra', 'outputs/2026-11-21/08-43-52', 'model.joblib', 0, 'hydra'],
  ['/w/hydra', 'multirun/2026-11-21/08-44-00/1', 'model.joblib', 0, 'hydra'],
  ['/w/xgboost', 'breast-cancer/run-001', 'model.json', 1, 'breast-cancer'],
  ['/w/xgboost', 'diabetes-sklearn-api/ckpt', 'model_4.ubj', 1, 'diabetes-sklearn-api'],
  ['/w/lightgbm', 'breast-cancer/run-002', 'model.txt', 0, 'breast-cancer'],
  ['/w/keras', 'digits-run1', 'best.keras', 3, 'digits-run1'],
  ['/w/keras', 'digits-run1', 'weights.06.weights.h5', 3, 'digits-run1'],
  ['/w/catboost', '', 'model.cbm', 0, 'catboost'],
  ['/w/dvc', 'live', 'model.pkl', 0, 'live'],
  ['/w/sacred', 'runs/1', 'sacred-model.joblib', 0, 'sacred'],
  ['/w/gguf', '', 'tiny-f16.gguf', 0, 'gguf'],
  ['/w/tensorflow', '', 'model.keras', 1, 'tensorflow'],
  [
    '/w/mlflow',
    'mlruns/588370599175255012/models/m-3a9d306e2ede49a1ad0e406de4b38398/artifacts',
    'model.pkl',
    0,
    'mlflow',
  ],
  ['/w/proj', 'models', 'churn_v1.pkl', 1, 'churn'],
  ['/w/proj', 'models', 'churn_final_v2.pkl', 1, 'churn'],
  ['/w/proj', 'zoo', 'resnet50.pt', 1, 'resnet50'],
  ['/w/proj', 'zoo', 'resnet-50.pt', 1, 'resnet-50'],
  ['/w/proj', 'churn/wandb/offline-run-20261121_090726-4n3lea50/files', 'model.pt', 0, 'churn'],
  ['/w/proj', 'churn/runs/Nov25_18-13-57_vm', 'model.pt', 0, 'churn'],
  ['/w/proj', 'churn/3f2b8c1e-9d0a-4b6c-8f21-0a1b2c3d4e5f', 'model.pt', 0, 'churn'],
  ['/w/proj', 'churn/a1b2c3d', 'model.pt', 0, 'churn'],
  ['/w/proj', 'churn/production', 'model.pt', 0, 'churn'],
  ['/w/runs', '', 'churn.pkl', 0, 'churn'],
  ['/w/runs', 'exp3/fold_2/seed-7', 'best_model.pt', 0, 'runs'],
  ['/w/production', '', 'model.pkl', 0, 'production-model'],
  ['/w/a@b:c\u0007', '', 'model.pkl', 0, 'a-b-c-'],
];

test.each(files)('in %s, %s/%s beside %d others is a version of %s', (root, folder, primary, siblings, name) => {
  const artifact = { folder: folder === '' ? root : `${root}/${folder}`, primary, wholeFolder: false };
  expect(modelName(root, artifact, siblings)).toBe(name);
});

const folders: [string, string, string, string][] = [
  ['/w/transformers', 'tiny-bert-cls', 'model.safetensors', 'tiny-bert-cls'],
  ['/w/transformers', 'tiny-bert-cls/checkpoint-8', 'model.safetensors', 'tiny-bert-cls'],
  ['/w/transformers', 'tiny-gpt2-lm/checkpoint-20', 'model.safetensors', 'tiny-gpt2-lm'],
  ['/w/peft', 'adapter-lora', 'adapter_model.safetensors', 'adapter-lora'],
  ['/w/spacy', 'training/model-best', 'config.cfg', 'spacy'],
  ['/w/tensorflow', 'saved_model', 'saved_model.pb', 'tensorflow'],
  ['/w/sentence-transformers', 'tiny-encoder', 'model.safetensors', 'tiny-encoder'],
];

test.each(folders)('in %s, the folder %s as a whole (%s) is a version of %s', (root, folder, primary, name) => {
  expect(modelName(root, { folder: `${root}/${folder}`, primary, wholeFolder: true }, 1)).toBe(name);
});

test('any names give a name that is short, clean and no stage', () => {
  const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((text) => text.replaceAll('/', '|'));
  fc.assert(
    fc.property(part, part, part, fc.boolean(), fc.nat(3), (root, folder, primary, wholeFolder, siblings) => {
      const name = modelName(`/${root}`, { folder: `/${root}/${folder}`, primary, wholeFolder }, siblings);
      expect(name).not.toBe('');
      expect(name.length).toBeLessThanOrEqual(200);
      expect(name).toBe(name.trim().normalize('NFC'));
      // oxlint-disable-next-line no-control-regex
      expect(name).not.toMatch(/[\u0000-\u001f/\\@:]/);
      expect(name).not.toMatch(/^(development|staging|production|archived)$/i);
    }),
  );
});
