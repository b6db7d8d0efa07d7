import type { Recogniser } from './recogniser.ts';
import { huggingface } from './recognisers/huggingface.ts';
import { joblib } from './recognisers/joblib.ts';
import { keras } from './recognisers/keras.ts';
import { lightgbm } from './recognisers/lightgbm.ts';
import { onnx } from './recognisers/onnx.ts';
import { pickle } from './recognisers/pickle.ts';
import { safetensors } from './recognisers/safetensors.ts';
import { skops } from './recognisers/skops.ts';
import { torch } from './recognisers/torch.ts';
import { xgboost } from './recognisers/xgboost.ts';

/** All recognisers in the order in which they are asked: families of folders first, then of single files. */
export const recognisers: readonly Recogniser[] = [
  huggingface,
  keras,
  onnx,
  xgboost,
  lightgbm,
  torch,
  joblib,
  pickle,
  skops,
  safetensors,
];
