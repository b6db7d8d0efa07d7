/** Python that loads a file or folder whose path is in the variable `path`. */
interface LoadCode {
  /** Format of a version, or its framework, as recognisers name them. */
  format?: RegExp;
  framework?: string;
  code: string;
}

/** Formats come before frameworks: a pickle of an XGBoost model is loaded as a pickle. */
const loadCodes: readonly LoadCode[] = [
  { format: /^mlflow model/, code: 'import mlflow\nmodel = mlflow.pyfunc.load_model(path)\n' },
  { format: /^onnx/, code: 'import onnxruntime\nsession = onnxruntime.InferenceSession(path)\n' },
  { format: /^safetensors$/, code: 'from safetensors.torch import load_file\nweights = load_file(path)\n' },
  { format: /^torchscript/, code: 'import torch\nmodel = torch.jit.load(path)\n' },
  { format: /^torch\.export/, code: 'import torch\nprogram = torch.export.load(path)\n' },
  { format: /^skops/, code: 'import skops.io\nmodel = skops.io.load(path)\n' },
  { framework: 'fastai', code: 'from fastai.learner import load_learner\nlearner = load_learner(path)\n' },
  {
    format: /^(pickle|cloudpickle)$/,
    code: 'import pickle\nwith open(path, "rb") as file:\n    model = pickle.load(file)\n',
  },
  { format: /^(pickle|joblib)\b/, code: 'import joblib\nmodel = joblib.load(path)\n' },
  {
    format: /^diffusers/,
    code: 'from diffusers import DiffusionPipeline\nmodel = DiffusionPipeline.from_pretrained(path)\n',
  },
  { framework: 'transformers', code: 'from transformers import AutoModel\nmodel = AutoModel.from_pretrained(path)\n' },
  {
    framework: 'sentence-transformers',
    code: 'from sentence_transformers import SentenceTransformer\nmodel = SentenceTransformer(path)\n',
  },
  { framework: 'peft', code: 'from peft import PeftModel\nmodel = PeftModel.from_pretrained(base_model, path)\n' },
  { framework: 'keras', code: 'import keras\nmodel = keras.models.load_model(path)\n' },
  { framework: 'xgboost', code: 'import xgboost\nmodel = xgboost.Booster(model_file=path)\n' },
  { framework: 'lightgbm', code: 'import lightgbm\nmodel = lightgbm.Booster(model_file=path)\n' },
  {
    format: /^catboost json/,
    code: 'import catboost\nmodel = catboost.CatBoost()\nmodel.load_model(path, format="json")\n',
  },
  { framework: 'catboost', code: 'import catboost\nmodel = catboost.CatBoost()\nmodel.load_model(path)\n' },
  { framework: 'numpy', code: 'import numpy\narrays = numpy.load(path)\n' },
  { framework: 'spacy', code: 'import spacy\npipeline = spacy.load(path)\n' },
  { framework: 'gguf', code: 'from llama_cpp import Llama\nmodel = Llama(model_path=path)\n' },
  { framework: 'ultralytics', code: 'from ultralytics import YOLO\nmodel = YOLO(path)\n' },
  { format: /SavedModel/, code: 'import tensorflow\nmodel = tensorflow.saved_model.load(path)\n' },
  { framework: 'pytorch', code: 'import torch\nstate = torch.load(path, weights_only=True)\n' },
  { framework: 'lightning', code: 'import torch\nstate = torch.load(path, weights_only=True)\n' },
];

/** Returns the code that loads a version of this framework and format; undefined if unknown. */
export function loadCodeOf({ framework, format }: { framework: string; format: string }): string | undefined {
  return loadCodes.find(
    (one) => (one.format?.test(format) ?? true) && (one.framework === undefined || one.framework === framework),
  )?.code;
}

/** Functions that load a model from a path, by the last part of their name. */
const call =
  /\b(load|from_pretrained|InferenceSession|Booster|load_model|load_file|safe_open|load_from_checkpoint|load_learner|SentenceTransformer|read_model|Llama|YOLO)\s{0,20}\(/g;
/** Modules whose `load` loads models; other functions have that name, too. */
const modules =
  /\b(?:torch|joblib|jit|pickle|cloudpickle|dill|io|sio|onnx|np|numpy|spacy|skops|sklearn|export|saved_model|mlflow\.\w+)\.$/;
/** Calls in one text that are examined at most. */
const maxCalls = 20_000;

/** Yields the calls in Python code that load a model, in order. `end`: offset of their arguments. */
export function* findLoadCalls(text: string): Generator<{ name: string; end: number }> {
  let tried = 0;
  for (const match of text.matchAll(call)) {
    tried += 1;
    if (tried > maxCalls) return;
    const name = match[1] ?? '';
    if (name === 'load' && !modules.test(text.slice(Math.max(0, match.index - 60), match.index))) continue;
    yield { name, end: match.index + match[0].length };
  }
}
