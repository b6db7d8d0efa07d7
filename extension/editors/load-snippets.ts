import type { Version } from '../../daemon/protocol/model.ts';
import { referenceTo } from '../../daemon/shared/references.ts';

/** Python that loads a version from where `plinth path` puts its verified files. Pure. */
export function snippet(version: Version): string {
  const reference = referenceTo(version.model, version.number);
  const head = `import subprocess\npath = subprocess.check_output(["plinth", "path", ${JSON.stringify(reference)}], text=True).strip()\n`;
  return head + loader(version);
}

function loader({ framework, format }: Version): string {
  if (framework === 'transformers')
    return 'from transformers import AutoModel\nmodel = AutoModel.from_pretrained(path)\n';
  if (framework === 'sentence-transformers')
    return 'from sentence_transformers import SentenceTransformer\nmodel = SentenceTransformer(path)\n';
  if (framework === 'peft') return 'from peft import PeftModel\nmodel = PeftModel.from_pretrained(base_model, path)\n';
  if (framework === 'keras') return 'import keras\nmodel = keras.models.load_model(path)\n';
  if (framework === 'xgboost') return 'import xgboost\nmodel = xgboost.Booster(model_file=path)\n';
  if (framework === 'lightgbm') return 'import lightgbm\nmodel = lightgbm.Booster(model_file=path)\n';
  if (format === 'safetensors') return 'from safetensors.torch import load_file\nweights = load_file(path)\n';
  if (format.startsWith('onnx')) return 'import onnxruntime\nsession = onnxruntime.InferenceSession(path)\n';
  if (format.startsWith('torchscript')) return 'import torch\nmodel = torch.jit.load(path)\n';
  if (framework === 'pytorch' || framework === 'lightning')
    return 'import torch\nstate = torch.load(path, weights_only=True)\n';
  if (format.startsWith('pickle'))
    return 'import pickle\nwith open(path, "rb") as file:\n    model = pickle.load(file)\n';
  return 'import joblib\nmodel = joblib.load(path)\n';
}
