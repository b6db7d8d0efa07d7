import { looksRandom, suspicionOf } from './names.ts';
import { programs, type Program } from './programs.ts';
import { mark } from './span.ts';
import { isSecret } from './values.ts';

/** An argument of a command line that contains a secret. */
export interface SecretPart {
  index: number;
  /** Offset in the argument from which on it is secret. */
  from: number;
}

/** Returns the arguments that are secrets because of the flag before them or the program. Their own text is not examined. */
export function secretArguments(args: readonly string[]): SecretPart[] {
  const found: SecretPart[] = [];
  let used: Program[] = [];
  for (const [index, argument] of args.entries()) {
    if (!argument.startsWith('-')) used = [...used, ...programsOf(argument)].slice(-6);
    const before = index === 0 ? '' : args[index - 1]!;
    const seen = used.filter(
      ({ after }) => after === undefined || args.slice(Math.max(0, index - 20), index).includes(after),
    );
    const from = fromFlag(before, argument) ?? fromProgram(seen, before, argument);
    if (from !== undefined && from < argument.length) found.push({ index, from });
  }
  return found;
}

export function withoutSecretArguments(args: readonly string[], otherwise: (argument: string) => string): string[] {
  const parts = new Map(secretArguments(args).map(({ index, from }) => [index, from]));
  return args.map((argument, index) => {
    const from = parts.get(index);
    return from === undefined ? otherwise(argument) : argument.slice(0, from) + mark;
  });
}

function programsOf(argument: string): Program[] {
  const name =
    argument
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.exe$/i, '') ?? '';
  return name.length > 30 ? [] : programs.filter(({ names }) => names.includes(name));
}

/**
 * Returns the offset of the secret in a flag's value: `--token X`, `-password X`; for `-p X` and `--user a:X` only if X looks
 * like a secret. Undefined for none.
 */
function fromFlag(flag: string, argument: string): number | undefined {
  if (!/^--?[A-Za-z]/.test(flag) || flag.includes('=') || /^--?[A-Za-z]/.test(argument)) return undefined;
  const name = flag.replace(/^-+/, '');
  const suspicion = name.length === 1 ? undefined : suspicionOf(name);
  if (suspicion !== undefined) return isSecret(argument, suspicion) ? 0 : undefined;
  if (/^(?:p|P|k|t|a|w)$/.test(name)) return looksRandom(argument) ? 0 : undefined;
  return /^(?:u|user|creds|login|proxy-user)$/.test(name) ? afterUser(argument) : undefined;
}

/** Returns the offset of the password in `bob:word`; undefined for numbers (`1000:1000`), paths and URLs. */
function afterUser(argument: string): number | undefined {
  const match = /^[^\s:/]{0,100}:(?=.)/.exec(argument);
  const word = argument.slice(match?.[0].length ?? 0);
  return match && !/^(?:\d+|\/.*)$/.test(word) && isSecret(word, 'secret') ? match[0].length : undefined;
}

function fromProgram(seen: readonly Program[], flag: string, argument: string): number | undefined {
  for (const { next = [], joined = [], user = [] } of seen) {
    if (next.includes(flag) && argument !== '' && !argument.startsWith('--')) return 0;
    if (user.includes(flag)) {
      const from = afterUser(argument);
      if (from !== undefined) return from;
    }
    const prefix = joined.find((one) => argument.startsWith(one) && argument.length > one.length);
    if (prefix !== undefined && !argument.startsWith('--p')) return prefix.length;
    if (prefix === '--password=') return prefix.length;
  }
  return undefined;
}
