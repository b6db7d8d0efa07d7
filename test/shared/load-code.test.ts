import { expect, test } from 'vitest';
import { findPaths } from '../../daemon/clients/lsp/references/find-paths.ts';
import { loadCodeOf } from '../../daemon/shared/load-code.ts';
import { mentionsModels } from '../../extension/editors/path-mentions.ts';

/** Framework, format, and the call that loads it. Source: each library's documentation of loading. */
const known: [string, string, string][] = [
  ['scikit-learn', 'joblib', 'joblib.load('],
  ['scikit-learn', 'joblib gzip', 'joblib.load('],
  ['scikit-learn', 'pickle', 'pickle.load('],
  ['scikit-learn', 'pickle gzip', 'joblib.load('],
  ['scikit-learn', 'skops', 'skops.io.load('],
  ['scikit-learn', 'mlflow model (sklearn)', 'mlflow.pyfunc.load_model('],
  ['xgboost', 'pickle', 'pickle.load('],
  ['xgboost', 'xgboost ubj', 'xgboost.Booster(model_file='],
  ['lightgbm', 'lightgbm text', 'lightgbm.Booster(model_file='],
  ['catboost', 'catboost cbm', 'load_model('],
  ['catboost', 'catboost json', 'format="json"'],
  ['keras', 'keras zip', 'keras.models.load_model('],
  ['tensorflow', 'tensorflow SavedModel', 'saved_model.load('],
  ['pytorch', 'torch zip state_dict', 'torch.load('],
  ['pytorch', 'torchscript', 'torch.jit.load('],
  ['pytorch', 'torch.export pt2', 'torch.export.load('],
  ['lightning', 'lightning ckpt (torch zip)', 'torch.load('],
  ['ultralytics', 'torch zip checkpoint', 'YOLO('],
  ['transformers', 'transformers folder', 'AutoModel.from_pretrained('],
  ['diffusers', 'diffusers folder', 'DiffusionPipeline.from_pretrained('],
  ['sentence-transformers', 'sentence-transformers folder', 'SentenceTransformer('],
  ['peft', 'peft lora', 'PeftModel.from_pretrained('],
  ['spacy', 'spacy pipeline folder', 'spacy.load('],
  ['safetensors', 'safetensors', 'load_file('],
  ['onnx', 'onnx', 'InferenceSession('],
  ['gguf', 'gguf v3', 'Llama('],
  ['numpy', 'npz', 'numpy.load('],
];

test.each(known)(
  '%s in the format %s is loaded with %s), and the editor knows that call',
  (framework, format, call) => {
    const code = loadCodeOf({ framework, format }) ?? '';
    expect(code).toContain(call);
    expect(mentionsModels(code, 'python')).toBe(true);
    const named = code.replaceAll(/\bpath\b(?!=)/g, '"model.bin"').replace('base_model, ', '');
    const opened = named.replace(/with open\((.*), "rb"\).*\n.*load\(file\)/, 'pickle.load(open($1, "rb"))');
    expect(findPaths(opened, 10).map(({ path }) => path)).toEqual(['model.bin']);
  },
);

test('where no loader is known none is made up', () => {
  expect(loadCodeOf({ framework: 'unknown', format: 'tflite' })).toBeUndefined();
  expect(loadCodeOf({ framework: 'tensorflow', format: 'tensorflow checkpoint' })).toBeUndefined();
});
