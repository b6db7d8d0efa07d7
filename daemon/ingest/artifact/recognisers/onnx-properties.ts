import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Json } from '../../../protocol/json.ts';
import { directionOf, isQuality } from '../../../shared/metrics.ts';

/** Properties that describe the file or its licence, or that exporters write for themselves. */
const descriptive =
  /^(authors?|description|docs?|doc_string|date|created(_at)?|license|licence|url|version|title|name|producer.*|task_description)$|^(onnx|pkg|ai|com)\./i;
const maxText = 300;

/**
 * Splits `metadata_props` into metrics and params. Numbers named like a quality metric, or below `metrics`, are metrics; other
 * values are params, except descriptive ones. A value is no metric merely because it is a number.
 */
export function numbersAndSettings(properties: ReadonlyMap<string, string>): Pick<ModelFacts, 'metrics' | 'params'> {
  const metrics: [string, number][] = [];
  const params: [string, Json][] = [];
  for (const [name, text] of properties) {
    const value = valueOf(text);
    const group = /^(metrics|params)(?:[./]|$)/i.exec(name);
    const rest = group ? name.slice(group[0].length) : name;
    const kind = group?.[1]?.toLowerCase();
    if (kind === 'metrics') metrics.push(...numbersIn(rest, value));
    else if (kind === 'params') params.push(...settingsIn(rest, value));
    else if (typeof value === 'number' && directionOf(name) !== null && isQuality(name)) metrics.push([name, value]);
    else if (!descriptive.test(name) && isSetting(value)) params.push([name, value]);
  }
  return { metrics: Object.fromEntries(metrics), params: Object.fromEntries(params) };
}

function numbersIn(name: string, value: Json): [string, number][] {
  if (typeof value === 'number') return name === '' ? [] : [[name, value]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => numbersIn(name === '' ? key : `${name}.${key}`, one));
}

function settingsIn(name: string, value: Json): [string, Json][] {
  if (name !== '') return [[name, value]];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function isSetting(value: Json): boolean {
  return typeof value !== 'string' || (value !== '' && value.length <= maxText && !value.includes('\n'));
}

/** Parses a property's text as number, boolean or JSON, if it is one. */
function valueOf(text: string): Json {
  const plain = /^(True|False|None)$/.test(text) ? text.toLowerCase().replace('none', 'null') : text;
  if (!/^\s*([[{]|-?[\d.]|true$|false$|null$)/.test(plain)) return text;
  try {
    return JSON.parse(plain) as Json;
  } catch {
    const number = /^\s*-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(plain) ? Number(plain) : NaN;
    return Number.isFinite(number) ? number : text;
  }
}
