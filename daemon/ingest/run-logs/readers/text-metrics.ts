import { basename } from 'node:path';
import { parseJson } from '../../../formats/text/json.ts';
import type { Source } from '../../../formats/source.ts';
import type { RunLogReader } from '../types.ts';
import { addMetric, addProblem, asNumber, blankValues, type Collector } from './collector.ts';
import { readWhole } from './document.ts';
import { isHistory, textLogs, textMetrics } from '../file-names.ts';
import { collectMetrics, collectRecord } from './flatten.ts';
import { isJsonLines, readJsonLines } from './json-lines.ts';

const maxBytes = 1024 * 1024;

/**
 * Text of scripts: JSON, one JSON object a line (DETR's `log.txt`), or one `name: value` a line. Other lines are reported, never
 * guessed. Logs of another form give no values.
 */
export const textFile: RunLogReader = {
  name: 'text',
  canRead: (fileName) => textMetrics.test(fileName) || textLogs.test(fileName),
  marksRun: false,
  read: (fileName, source, resume) => {
    if (isJsonLines(source))
      return readJsonLines(source, resume, (into, record) => collectRecord(into, '', record, null));
    const name = basename(fileName);
    const isLog = textLogs.test(name);
    if (isLog && !beginsJson(source)) return { values: blankValues(), resume: { offset: source.size, state: null } };
    return readWhole(source, maxBytes, resume, (text, into) => {
      if (/^\s*[[{]/.test(text)) collectMetrics(into, parseJson(text), isHistory(name));
      else collectLines(into, text);
    });
  },
};

function beginsJson(source: Source): boolean {
  return source.read(0, 1)[0] === 0x7b;
}

const pair = /^\s*([A-Za-z][^:=\t]{0,200}?)\s*[:=\t]\s*(\S+)\s*$/;
/** Headings and rules, such as `***** Eval results *****`. */
const decoration = /^\s*([#*=_-].*)?$/;

function collectLines(into: Collector, text: string): void {
  const lines = text.split(/\r?\n/).filter((line) => !decoration.test(line));
  const pairs = lines.map((line) => pair.exec(line)).filter((match) => match !== null);
  const values = pairs.map(([, name = '', value]) => ({ name, value: asNumber(value) }));
  const numbers = values.filter((one): one is { name: string; value: number } => one.value !== undefined);
  const repeated = new Set(
    numbers.filter(({ name }, at) => numbers.findIndex((one) => one.name === name) < at).map(({ name }) => name),
  );
  for (const { name, value } of numbers) if (!repeated.has(name)) addMetric(into, name, value);
  for (const name of repeated) addProblem(into.values, `it gives ${name} more than once; none of them is used`);
  const rest = lines.length - numbers.length;
  if (rest > 0)
    addProblem(into.values, `${rest} of its lines ${rest === 1 ? 'is' : 'are'} no \`name: number\`; left out`);
}
