import { basename } from 'node:path';
import { parse } from 'smol-toml';
import type { RunLogReader } from '../types.ts';
import { addParams } from './collector.ts';
import { readWhole } from './document.ts';
import { isHistory, tomlMetrics, tomlParams } from '../file-names.ts';
import { collectMetrics } from './flatten.ts';

const maxBytes = 256 * 1024;
const maxNesting = 100;

/** TOML files (`params.toml`, `config.toml`): params, and metrics in `metrics.toml`. Source: toml.io/en/v1.0.0. */
export const toml: RunLogReader = {
  name: 'toml',
  canRead: (fileName) => tomlParams.test(fileName) || tomlMetrics.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => {
      const document = parse(text, { maxDepth: maxNesting, integersAsBigInt: 'asNeeded' });
      const name = basename(fileName);
      if (tomlMetrics.test(name)) collectMetrics(into, document, isHistory(name));
      else addParams(into.values, document);
    }),
};
