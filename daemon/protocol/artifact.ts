import type { Json } from './json.ts';

/** A defect of an artifact, or of a file that describes it. Defects of contents are problems, never exceptions. */
export interface Problem {
  /** Stable word for programs, such as `imports-main` or `non-finite-values`. */
  code: string;
  /** One sentence for people. */
  message: string;
  /** Source of evidence that has the problem; absent for the artifact's own. */
  source?: string;
}

export interface Tensor {
  name: string;
  shape: number[];
  /** Name of the type in the format, lower case: `f32`, `float32`, `bf16`, `q4_k` … */
  dtype: string;
  /** Size of the data in bytes; null if the format does not record it. */
  bytes: number | null;
}

/** What loading a pickle would do, by its opcodes alone. */
export interface PickleReport {
  verdict: 'no code' | 'known imports only' | 'runs code' | 'unreadable';
  /** Every global it names, `module.name`, sorted. */
  imports: string[];
  /** Imports that may run code, if they are the only reason for the verdict `runs code`. */
  unknown?: string[];
  /** Where the first imports that may run code are named: the opcode of pickletools, its offset in bytes, and the archive's member. */
  places?: { import: string; opcode: string; offset: number; member?: string }[];
}

/** Facts that a recogniser found in an artifact. All of it is text or numbers from the file: untrusted. */
export interface ModelFacts {
  /** `scikit-learn`, `pytorch`, `lightning`, `transformers`, `xgboost`, `lightgbm`, `keras`, `onnx`, `safetensors` … */
  framework: string;
  frameworkVersion: string | null;
  /** Name of the format for people: `joblib`, `torch zip state_dict`, `onnx` … */
  format: string;
  /** Class of the model, if recorded: `RandomForestClassifier`, `BertForSequenceClassification` … */
  modelClass: string | null;
  parameterCount: number | null;
  /** At most 10,000; `tensorsTotal` counts all. */
  tensors: Tensor[];
  tensorsTotal: number;
  pickle: PickleReport | null;
  /** Inputs and outputs, if the format records them. */
  signature: { inputs: SignatureField[]; outputs: SignatureField[] } | null;
  /** Hyperparameters recorded in the artifact itself, nested as written. */
  params: Record<string, Json>;
  /** Metrics recorded in the artifact itself, such as a booster's best_score or a checkpoint's val_acc. */
  metrics: Record<string, number>;
  /** Position in the training that the artifact records, counted from zero as its framework does. */
  epoch: number | null;
  step: number | null;
  /** Other facts, such as a safetensors `__metadata__` or an ONNX opset. At most 16 KiB as JSON. */
  metadata: Record<string, Json>;
  problems: Problem[];
}

export interface SignatureField {
  name: string;
  dtype: string;
  /** Sizes; a dynamic dimension has a name instead. */
  shape: (number | string)[];
}

/** The tokenizer of a language model, as far as people look at it. All of it is text from the file: untrusted. */
export interface TokenizerReply {
  /** Null if there is none. `first`: the first 32 entries; `role`: what a special token is for, as `bos`, or empty. */
  tokenizer: {
    source: string;
    kind: string | null;
    size: number | null;
    special: { role: string; id: number | null; text: string }[];
    first: string[];
  } | null;
  /** The text that turns a conversation into a prompt; null if there is none. `isCut`: it is longer. */
  chatTemplate: { source: string; text: string; isCut: boolean } | null;
  /** One sentence for each part that could not be read. */
  missing: string[];
}
