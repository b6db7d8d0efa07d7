import { basename } from 'node:path';
import { parseJson } from '../../../formats/text/json.ts';
import type { RunLogReader } from '../types.ts';
import { addParams, addProblem, isObject, type Collector } from './collector.ts';
import { collectMetrics } from './flatten.ts';
import { readWhole } from './document.ts';

const maxBytes = 4 * 1024 * 1024;

const metricsName =
  /^((.+[_.-])?(metrics?|scores|history)|(eval|all|train|test|predict|evals)_results?|results)\.json$/;
const paramsName = /^(params|config|hparams|args|hyperparameters|train_config|training_config|train_args)\.json$/;

/** Keys by which a `config.json` is the architecture of a model, not what a run was given. */
const architectureKeys = [
  'model_type',
  'architectures',
  'transformers_version',
  'peft_type',
  'sentence_transformers_version',
  'pooling_mode',
  'pooling_mode_mean_tokens',
  'word_embedding_dimension',
  'embedding_dimension',
  '_class_name',
  '_diffusers_version',
  'class_name',
];

/** JSON that scripts and trainers leave: metrics, histories and params. */
export const json: RunLogReader = {
  name: 'json',
  canRead: (fileName) => metricsName.test(fileName) || paramsName.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => {
      const document = parseJson(text);
      if (metricsName.test(basename(fileName))) collectMetrics(into, document);
      else collectParams(into, document);
    }),
};

function collectParams(into: Collector, document: unknown): void {
  if (!isObject(document)) return addProblem(into.values, 'it holds no object of params');
  if (architectureKeys.some((key) => Object.hasOwn(document, key))) return;
  addParams(into.values, document);
}
