import { looksRandom, suspicionOf } from './names.ts';
import { programs, type Program } from './programs.ts';
import { mark } from './span.ts';
import { isSecret } from './values.ts';

/** One argument of a command line, and the part of it that is a secret. */
export interface SecretPart {
  index: number;
  /** Where in the argument it begins. It goes to the argument's end. */
  from: number;
}

/** The arguments that the flags before them, or the program, make secrets. What an argument says itself is not looked at. */
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

/** `--token X`, `-password X`; `-p X` and `--user a:X` of any program only where X looks like a secret. */
function fromFlag(flag: string, argument: string): number | undefined {
  if (!/^--?[A-Za-z]/.test(flag) || flag.includes('=') || /^--?[A-Za-z]/.test(argument)) return undefined;
  const name = flag.replace(/^-+/, '');
  const suspicion = name.length === 1 ? undefined : suspicionOf(name);
  if (suspicion !== undefined) return isSecret(argument, suspicion) ? 0 : undefined;
  if (/^(?:p|P|k|t|a|w)$/.test(name)) return looksRandom(argument) ? 0 : undefined;
  return /^(?:u|user|creds|login|proxy-user)$/.test(name) ? afterUser(argument) : undefined;
}

/** Of `bob:word` the word; numbers (`1000:1000`), paths and addresses are none. */
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
