import type { Recogniser } from './recogniser.ts';
import { accelerate } from './recognisers/accelerate.ts';
import { archive } from './recognisers/archive.ts';
import { autogluon } from './recognisers/autogluon.ts';
import { catboost } from './recognisers/catboost.ts';
import { coremlPackage } from './recognisers/coreml-package.ts';
import { coreml } from './recognisers/coreml.ts';
import { darknet } from './recognisers/darknet.ts';
import { deepspeed } from './recognisers/deepspeed.ts';
import { flax } from './recognisers/flax.ts';
import { gguf } from './recognisers/gguf.ts';
import { headerOnly } from './recognisers/header-only.ts';
import { huggingface } from './recognisers/huggingface.ts';
import { joblib } from './recognisers/joblib.ts';
import { keras } from './recognisers/keras.ts';
import { lightgbm } from './recognisers/lightgbm.ts';
import { mlflow } from './recognisers/mlflow.ts';
import { mxnet } from './recognisers/mxnet.ts';
import { nemo } from './recognisers/nemo.ts';
import { numpy } from './recognisers/numpy.ts';
import { onnx } from './recognisers/onnx.ts';
import { openvino } from './recognisers/openvino.ts';
import { orbax } from './recognisers/orbax.ts';
import { paddle } from './recognisers/paddle.ts';
import { pickle } from './recognisers/pickle.ts';
import { rds } from './recognisers/rds.ts';
import { safetensors } from './recognisers/safetensors.ts';
import { savedModel } from './recognisers/saved-model.ts';
import { sideArrays } from './recognisers/side-arrays.ts';
import { skops } from './recognisers/skops.ts';
import { spacy } from './recognisers/spacy.ts';
import { spark } from './recognisers/spark.ts';
import { tensorflowGraph } from './recognisers/tensorflow-graph.ts';
import { tensorflowCheckpoint } from './recognisers/tensorflow-checkpoint.ts';
import { torchDistributed } from './recognisers/torch-distributed.ts';
import { torchRanks } from './recognisers/torch-ranks.ts';
import { torch } from './recognisers/torch.ts';
import { xgboost } from './recognisers/xgboost.ts';

/** Formats of single files, in the order in which they are asked. */
const fileFormats: readonly Recogniser[] = [
  keras,
  onnx,
  xgboost,
  catboost,
  lightgbm,
  torch,
  joblib,
  pickle,
  skops,
  gguf,
  numpy,
  safetensors,
  flax,
  coreml,
  openvino,
  paddle,
  tensorflowGraph,
  darknet,
  mxnet,
  archive,
  rds,
  headerOnly,
];

/** All recognisers in the order in which they are asked: whole folders first, then single files. */
export const recognisers: readonly Recogniser[] = [
  mlflow(fileFormats),
  spacy,
  savedModel,
  autogluon,
  spark,
  nemo,
  coremlPackage,
  orbax,
  huggingface,
  deepspeed,
  torchDistributed,
  torchRanks,
  accelerate,
  tensorflowCheckpoint,
  sideArrays,
  ...fileFormats,
];
