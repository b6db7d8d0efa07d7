import type { Json } from '../protocol/json.ts';
import { withoutSecretArguments } from './arguments.ts';
import { secretsInCommands } from './commands.ts';
import { keyBlocks } from './key-blocks.ts';
import { namedSecrets } from './named.ts';
import { suspicionOf, type Suspicion } from './names.ts';
import { isDiff } from './reading.ts';
import { shapedSecrets } from './shapes.ts';
import { mark, withoutSpans } from './span.ts';
import { credentialsInUrls } from './urls.ts';
import { isSecret } from './values.ts';

/**
 * Returns a text with every secret replaced: those recognised by their form, by their name, in URLs, and in command lines. Other
 * text is unchanged. Takes linear time.
 */
export function redacted(text: string): string {
  const found = [
    ...keyBlocks(text),
    ...shapedSecrets(text),
    ...credentialsInUrls(text),
    ...secretsInCommands(text),
    ...namedSecrets(text),
  ];
  return withoutSpans(text, found, isDiff(text));
}

/** Returns a command line with its secrets replaced. An argument may be a secret by its own text or by the one before it. */
export function redactedArguments(args: readonly string[]): string[] {
  return withoutSecretArguments(args, redacted);
}

/** Returns a training's params with their secrets replaced, nested ones included. */
export function redactedValues<T extends Json>(values: Readonly<Record<string, T>>): Record<string, T> {
  const kept = Object.create(null) as Record<string, T>;
  for (const [name, value] of Object.entries(values)) kept[name] = redactedUnder(name, value, undefined) as T;
  return kept;
}

/** Returns one value with its secrets replaced. */
export function redactedValue(name: string, value: string): string {
  return redactedUnder(name, value, undefined) as string;
}

/** Matches texts that may contain a secret. Short words without such a sign do not, and most values are short. */
const mayHoldSecret = /[:=@ \n]|[^]{16}/;

function redactedUnder(name: string, value: Json, above: Suspicion | undefined): Json {
  const suspicion = suspicionOf(name) ?? above;
  if (typeof value === 'string') {
    if (suspicion !== undefined && isSecret(value, suspicion)) return mark;
    return mayHoldSecret.test(value) ? redacted(value) : value;
  }
  if (typeof value === 'number') return suspicion === 'secret' ? mark : value;
  if (Array.isArray(value)) return value.map((entry) => redactedUnder('', entry, suspicion));
  if (typeof value !== 'object' || value === null) return value;
  const below = suspicion === 'secret' ? suspicion : undefined;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redactedUnder(key, entry, below)]));
}
