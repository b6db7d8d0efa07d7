import { basename } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameByPlace } from '../../../daemon/ingest/artifact/naming.ts';
import type { NamedProject } from '../../../daemon/ingest/disk/project.ts';

function projectAt(top: string): NamedProject {
  return { top, name: basename(top) };
}

/** The project's folder, a folder below it, a file, and its model's name. */
const files: [string, string, string, string][] = [
  ['/w/sklearn', 'iris-script/outputs/v1', 'model.joblib', 'iris-script'],
  ['/w/sklearn', 'diabetes-pickle', 'model_v1.pkl', 'diabetes-pickle'],
  ['/w/sklearn', 'wine-variants', 'model.joblib.gz', 'wine-variants'],
  ['/w/sklearn', 'wine-variants', 'model.xz.joblib', 'wine-variants'],
  ['/w/sklearn', 'wine-variants', 'custom_cloudpickle.pkl', 'custom_cloudpickle'],
  ['/w/sklearn', 'skops', 'model.skops', 'skops'],
  ['/w/pytorch', 'digits-mlp-a', 'model.pt', 'digits-mlp-a'],
  ['/w/pytorch', 'digits-mlp-a/checkpoints', 'epoch_024.pt', 'digits-mlp-a'],
  ['/w/pytorch', 'digits-mlp-a/checkpoints', 'best.pt', 'digits-mlp-a'],
  ['/w/pytorch', 'exports', 'model_scripted.pt', 'model_scripted'],
  ['/w/pytorch', 'exports', 'model_traced.pt', 'model_traced'],
  ['/w/pytorch', 'exports', 'whole_module.pth', 'whole_module'],
  ['/w/pytorch', 'exports', 'model_ts_exporter.onnx', 'model_ts_exporter'],
  ['/w/lightning', 'lightning_logs/version_0/checkpoints', 'epoch=7-step=72-val_loss=0.171.ckpt', 'lightning'],
  ['/w/lightning', 'lightning_logs/version_1/checkpoints', 'last.ckpt', 'lightning'],
  ['/w/hydra', 'outputs/2026-11-21/08-43-52', 'model.joblib', 'hydra'],
  ['/w/hydra', 'multirun/2026-11-21/08-44-00/1', 'model.joblib', 'hydra'],
  ['/w/xgboost', 'breast-cancer/run-001', 'model.json', 'breast-cancer'],
  ['/w/xgboost', 'diabetes-sklearn-api/ckpt', 'model_4.ubj', 'diabetes-sklearn-api'],
  ['/w/lightgbm', 'breast-cancer/run-002', 'model.txt', 'breast-cancer'],
  ['/w/keras', 'digits-run1', 'best.keras', 'digits'],
  ['/w/keras', 'digits-run1', 'weights.06.weights.h5', 'digits'],
  ['/w/catboost', '', 'model.cbm', 'catboost'],
  ['/w/dvc', 'live', 'model.pkl', 'live'],
  ['/w/sacred', 'runs/1', 'sacred-model.joblib', 'sacred-model'],
  ['/w/gguf', '', 'tiny-f16.gguf', 'tiny-f16'],
  ['/w/tensorflow', '', 'model.keras', 'tensorflow'],
  ['/w/mlflow', 'mlruns/588370599175255012/models/m-3a9d306e2ede49a1ad0e406de4b38398/artifacts', 'model.pkl', 'mlflow'],
  ['/w/proj', 'models', 'churn_v1.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_final_v2.pkl', 'churn'],
  ['/w/proj', 'zoo', 'resnet50.pt', 'resnet50'],
  ['/w/proj', 'zoo', 'resnet-50.pt', 'resnet-50'],
  ['/w/proj', 'churn/wandb/offline-run-20261121_090726-4n3lea50/files', 'model.pt', 'churn'],
  ['/w/proj', 'churn/runs/Nov25_18-13-57_vm', 'model.pt', 'churn'],
  ['/w/proj', 'churn/3f2b8c1e-9d0a-4b6c-8f21-0a1b2c3d4e5f', 'model.pt', 'churn'],
  ['/w/proj', 'churn/a1b2c3d', 'model.pt', 'churn'],
  ['/w/proj', 'churn/production', 'model.pt', 'churn'],
  // A number distinguishes runs only after a word of training, or when the rest means nothing.
  ['/w/proj', 'models', 'store_17.pkl', 'store_17'],
  ['/w/proj', 'models', 'yolov8n.pt', 'yolov8n'],
  ['/w/proj', 'models', 'model_fr.pkl', 'model_fr'],
  ['/w/proj', 'models', 'model_17.pkl', 'proj'],
  ['/w/proj', 'models', 'churn_depth=3_lr=0.1.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_seed_7.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_20260105.pkl', 'churn'],
  ['/w/proj', 'models', 'churn-2026-01-05T10-20-30.pkl', 'churn'],
  ['/w/proj', 'models', '2026-01-05_churn.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_1767600000.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_auc_0.91.pkl', 'churn'],
  ['/w/proj', 'models', 'net_0.81.pt', 'proj'],
  ['/w/proj', 'models', 'churn (1).pkl', 'churn'],
  ['/w/proj', 'models', 'churn - Copy.pkl', 'churn'],
  ['/w/proj', 'models', 'churn_new.pkl', 'churn'],
  ['/w/proj', 'models', 'best_churn_final_v2.pkl', 'churn'],
  ['/w/proj', 'models', 'delay_v2_model.pkl', 'delay_model'],
  ['/w/proj', 'models', 'unet-3f2b8c1e-9d0a-4b6c-8f21-0a1b2c3d4e5f.pt', 'unet'],
  ['/w/proj', 'models', 'mobilenetv2_0.25-b61d2159.pth', 'mobilenetv2_0.25'],
  ['/w/proj', 'models', 'lr_model.pkl', 'lr_model'],
  ['/w/proj', 'models', 'lr_0.01.pkl', 'proj'],
  ['/w/proj', 'models', 'finalmodel.h5', 'proj'],
  ['/w/proj', 'models', 'trainedModel.h5', 'proj'],
  // Container words, also joined, are no names.
  ['/w/proj', 'src/ml/saved_models', 'best.pt', 'proj'],
  ['/w/proj', 'runs/detect/train3/weights', 'best.pt', 'proj'],
  ['/w/proj', 'tmpn_w8mzqx', 'best.pt', 'proj'],
  ['/w/proj', 'ner_output/checkpoints', 'best.pt', 'ner'],
  ['/w/proj', 'churn-2026-01-05', 'model.pkl', 'churn'],
  ['/w/runs', '', 'churn.pkl', 'churn'],
  ['/w/runs', 'exp3/fold_2/seed-7', 'best_model.pt', 'runs'],
  ['/w/production', '', 'model.pkl', 'production-model'],
  ['/w/a@b:c\u0007', '', 'model.pkl', 'a-b-c-'],
];

test.each(files)('in %s, %s/%s is a version of %s', (root, folder, primary, name) => {
  const artifact = { folder: folder === '' ? root : `${root}/${folder}`, primary, wholeFolder: false };
  expect(nameByPlace(projectAt(root), artifact).model).toBe(name);
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
  expect(nameByPlace(projectAt(root), { folder: `${root}/${folder}`, primary, wholeFolder: true }).model).toBe(name);
});

test('any names give a name that is short, clean and no stage', () => {
  const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((text) => text.replaceAll('/', '|'));
  fc.assert(
    fc.property(part, part, part, fc.boolean(), (root, folder, primary, wholeFolder) => {
      const artifact = { folder: `/${root}/${folder}`, primary, wholeFolder };
      const name = nameByPlace({ top: `/${root}`, name: root }, artifact).model;
      expect(name).not.toBe('');
      expect(name.length).toBeLessThanOrEqual(200);
      expect(name).toBe(name.trim().normalize('NFC'));
      // oxlint-disable-next-line no-control-regex
      expect(name).not.toMatch(/[\u0000-\u001f/\\@:]/);
      expect(name).not.toMatch(/^(development|staging|production|archived)$/i);
    }),
  );
});
