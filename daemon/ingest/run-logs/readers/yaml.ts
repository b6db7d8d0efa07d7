import { isObject } from '../../../protocol/json.ts';
import { basename } from 'node:path';
import { parse } from 'yaml';
import type { RunLogReader } from '../types.ts';
import { addParams, addProblem, blank } from './collector.ts';
import { isHistory, yamlMetrics, yamlParams } from '../file-names.ts';
import { collectMetrics } from './flatten.ts';
import { readWhole } from './document.ts';

const maxBytes = 256 * 1024;
const maxAliases = 100;
const maxNesting = 100;

/** YAML of Hydra, Lightning, DVC and scripts: params, and metrics in `metrics.yaml`. */
export const yaml: RunLogReader = {
  name: 'yaml',
  canRead: (fileName) => yamlParams.test(fileName) || yamlMetrics.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) =>
    readWhole(source, maxBytes, resume, (text, into) => {
      refuseNesting(text);
      const document: unknown = parse(text, {
        maxAliasCount: maxAliases,
        merge: true,
        // The check for equal keys compares every pair, which is slow.
        uniqueKeys: false,
        logLevel: 'silent',
        prettyErrors: false,
      });
      const name = basename(fileName);
      if (yamlMetrics.test(name)) collectMetrics(into, document, isHistory(name));
      else if (isObject(document)) addParams(into.values, withoutWrapping(document));
      else if (document !== null) addProblem(into.values, 'it contains no map of params');
    }),
};

/** Throws for a nesting that no person writes, as the parser recurses. Brackets in text count too, so the limit is generous. */
function refuseNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (character === '\n' && text[at + 1] !== ' ') depth = 0;
    if (depth > maxNesting) throw new Error(`it is nested deeper than ${maxNesting} levels`);
  }
  if (/([-?:][ \t]+){12}/.test(text)) throw new Error('it nests deeper than 12 levels in one line');
  if ((text.match(/^\s*\?\s/gm)?.length ?? 0) > maxNesting) throw new Error('it has too many keys that are not text');
}

/** Unwraps the params of W&B's `config.yaml`, which are written as `{value: …, desc: …}`. */
function withoutWrapping(document: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(document, 'wandb_version') && !Object.hasOwn(document, '_wandb')) return document;
  const params = blank<unknown>();
  for (const [key, entry] of Object.entries(document)) {
    if (isObject(entry) && Object.hasOwn(entry, 'value') && key !== '_wandb') params[key] = entry['value'];
  }
  return params;
}
