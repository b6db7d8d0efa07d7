import { parse } from 'smol-toml';
import type { RunLogReader } from '../types.ts';
import { addParams } from './collector.ts';
import { readWhole } from './document.ts';

const maxBytes = 256 * 1024;
const maxNesting = 100;

/** TOML that scripts are given or leave (`params.toml`, `config.toml`): params. Source: toml.io/en/v1.0.0. */
export const toml: RunLogReader = {
  name: 'toml',
  canRead: (fileName) =>
    /^(params|hparams|config|args|hyperparameters|train_config|training_config)\.toml$/.test(fileName),
  marksRun: false,
  read: (_fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) =>
      addParams(into.values, parse(text, { maxDepth: maxNesting, integersAsBigInt: 'asNeeded' })),
    ),
};
