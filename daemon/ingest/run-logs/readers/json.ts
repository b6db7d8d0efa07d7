import { isObject } from '../../../protocol/json.ts';
import { basename } from 'node:path';
import { parseJson } from '../../../formats/text/json.ts';
import type { RunLogReader } from '../types.ts';
import { addParams, addProblem, type Collector } from './collector.ts';
import { isHistory, jsonMetrics, jsonParams } from '../file-names.ts';
import { collectMetrics, collectRecord } from './flatten.ts';
import { readWhole } from './document.ts';
import { isJsonLines, readJsonLines } from './json-lines.ts';

const maxBytes = 4 * 1024 * 1024;

/** Keys that mark a `config.json` as a model's architecture, not a run's hyperparameters. */
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

/** JSON of scripts and trainers: metrics (a document, or an object a line as detectron2 writes), histories and params. */
export const json: RunLogReader = {
  name: 'json',
  canRead: (fileName) => jsonMetrics.test(fileName) || jsonParams.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) => {
    const name = basename(fileName);
    const isMetrics = jsonMetrics.test(name);
    if (isMetrics && isJsonLines(source))
      return readJsonLines(source, resume, (into, record) => collectRecord(into, '', record, null));
    return readWhole(source, maxBytes, resume, (text, into) => {
      const document = parseJson(text);
      if (isMetrics) collectMetrics(into, document, isHistory(name));
      else collectParams(into, document);
    });
  },
};

function collectParams(into: Collector, document: unknown): void {
  if (!isObject(document)) return addProblem(into.values, 'it contains no object of params');
  if (architectureKeys.some((key) => Object.hasOwn(document, key))) return;
  addParams(into.values, document);
}
