import { RegistryError } from '../errors.ts';
import type { Notice } from '../protocol/routes/webhooks.ts';

/** Fields of a notice that a template may name, as `{model}`; `time` is `at` as a person reads it. */
const fieldNames = ['kind', 'text', 'model', 'version', 'pointer', 'from', 'to', 'actor', 'reason', 'at', 'time', 'event'] as const; // prettier-ignore
type Field = (typeof fieldNames)[number];

const maxDepth = 30;
const maxText = 3000;
const placeholder = /\{([a-z]+)\}/g;

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Checks a template of a body: a JSON object in whose texts `{model}` and the like stand for fields of a notice. Throws
 * `invalid-request`.
 */
export function checkTemplate(text: string): void {
  const template = parsed(text);
  if (template === null || typeof template !== 'object' || Array.isArray(template))
    throw new RegistryError('invalid-request', 'The template of a webhook must be a JSON object: { … }.');
  filled(template, (name) => {
    if (isField(name)) return '';
    throw new RegistryError('invalid-request', `The template of a webhook has {${name}}, which no notice has. Use one of ${fieldNames.map((one) => `{${one}}`).join(' ')}.`); // prettier-ignore
  });
}

/**
 * Returns the JSON of a template for a notice. Only texts of the parsed template are replaced, so no value can end a text or add a
 * field. A text that is one placeholder becomes the value itself: `"{version}"` a number, or null.
 */
export function fillTemplate(text: string, notice: Notice): string {
  const values = { ...notice, time: new Date(notice.at).toISOString() };
  return JSON.stringify(filled(parsed(text), (name) => (isField(name) ? values[name] : null)));
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const where = error instanceof Error ? error.message : '';
    throw new RegistryError('invalid-request', `The template of a webhook is not JSON: ${where}.`);
  }
}

type Value = string | number | null;

function filled(template: Json, valueOf: (name: string) => Value, depth = 0): Json {
  if (depth > maxDepth)
    throw new RegistryError('invalid-request', `The template of a webhook has more than ${maxDepth} levels.`);
  if (typeof template === 'string') return filledText(template, valueOf);
  if (Array.isArray(template)) return template.map((one) => filled(one, valueOf, depth + 1));
  if (template === null || typeof template !== 'object') return template;
  return Object.fromEntries(Object.entries(template).map(([key, one]) => [key, filled(one, valueOf, depth + 1)]));
}

function filledText(text: string, valueOf: (name: string) => Value): Value {
  const only = /^\{([a-z]+)\}$/.exec(text)?.[1];
  if (only !== undefined) return shortened(valueOf(only));
  return text.replaceAll(placeholder, (_, name: string) => String(shortened(valueOf(name)) ?? ''));
}

function shortened(value: Value): Value {
  return typeof value === 'string' ? value.slice(0, maxText) : value;
}

function isField(name: string): name is Field {
  return (fieldNames as readonly string[]).includes(name);
}
