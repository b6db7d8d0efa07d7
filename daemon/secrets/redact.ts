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
 * The text with every secret replaced: those that are known by their form, stand under a name that says so, sign in by an
 * address or are handed to a program. What is no secret stays as it is. Takes time that grows with the text's length alone.
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

/** A command line: an argument may be a secret by what stands before it, or in itself. */
export function redactedArguments(args: readonly string[]): string[] {
  return withoutSecretArguments(args, redacted);
}

/** Values under names, nested as they are, as a training notes them. */
export function redactedValues<T extends Json>(values: Readonly<Record<string, T>>): Record<string, T> {
  const kept = Object.create(null) as Record<string, T>;
  for (const [name, value] of Object.entries(values)) kept[name] = redactedUnder(name, value, undefined) as T;
  return kept;
}

/** One value under a name. */
export function redactedValue(name: string, value: string): string {
  return redactedUnder(name, value, undefined) as string;
}

/** Shorter words without a sign between them hold none: most values are such. */
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
