import type { Json } from './json.ts';

/** A defect noted on an artifact or on a file that tells of it: what a file contains is never an exception. */
export interface Problem {
  /** Stable word for programs, such as `imports-main` or `non-finite-values`. */
  code: string;
  /** One sentence for people. */
  message: string;
  /** The source of evidence that has it; absent where it is the artifact's own. */
  source?: string;
}

export interface Tensor {
  name: string;
  shape: number[];
  /** As the format names it, lower case: `f32`, `float32`, `bf16`, `q4_k` … */
  dtype: string;
  /** Size of the data in bytes; null where the format does not say. */
  bytes: number | null;
}

/** What loading a pickle would do, from its opcodes alone; `null` verdict where a format holds no pickle. */
export interface PickleReport {
  verdict: 'no code' | 'known imports only' | 'runs code' | 'unreadable';
  /** Every global it names, `module.name`, sorted. */
  imports: string[];
  /** Of what runs code: those that are not known to rebuild data only, where they alone are the reason. */
  unknown?: string[];
}

/** What a recogniser found in an artifact. Everything in it is text or numbers from the file: untrusted. */
export interface ModelFacts {
  /** `scikit-learn`, `pytorch`, `lightning`, `transformers`, `xgboost`, `lightgbm`, `keras`, `onnx`, `safetensors` … */
  framework: string;
  frameworkVersion: string | null;
  /** For people: `joblib`, `torch zip state_dict`, `onnx` … */
  format: string;
  /** Class of the model where recorded: `RandomForestClassifier`, `BertForSequenceClassification` … */
  modelClass: string | null;
  parameterCount: number | null;
  /** At most 10,000; `tensorsTotal` says how many there are. */
  tensors: Tensor[];
  tensorsTotal: number;
  pickle: PickleReport | null;
  /** Inputs and outputs where the format records them. */
  signature: { inputs: SignatureField[]; outputs: SignatureField[] } | null;
  /** Hyperparameters recorded in the artifact itself, nested as written. */
  params: Record<string, Json>;
  /** Metrics recorded in the artifact itself, such as a booster's best_score or a checkpoint's val_acc. */
  metrics: Record<string, number>;
  /** Training position that the artifact records, zero-based as its framework counts. */
  epoch: number | null;
  step: number | null;
  /** Anything else worth showing, such as a safetensors `__metadata__` or an ONNX opset. At most 16 KiB as JSON. */
  metadata: Record<string, Json>;
  problems: Problem[];
}

export interface SignatureField {
  name: string;
  dtype: string;
  /** Sizes; a string names a dynamic dimension. */
  shape: (number | string)[];
}
