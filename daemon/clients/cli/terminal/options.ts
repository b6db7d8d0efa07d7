import { InvalidArgumentError } from 'commander';

/** Parses a whole number from 1 on. Throws InvalidArgumentError. */
export function countOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** Parses a whole number from 0 on. Throws InvalidArgumentError. */
export function wholeOption(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** Parses a TCP port; 0 for any. Throws InvalidArgumentError. */
export function portOption(text: string): number {
  const port = wholeOption(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('A port is at most 65535.');
}
