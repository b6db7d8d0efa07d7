import { InvalidArgumentError } from 'commander';

/** A whole number from 1 on. */
export function countOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** A whole number from 0 on. */
export function wholeOption(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** A TCP port; 0 for any. */
export function portOption(text: string): number {
  const port = wholeOption(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('A port is at most 65535.');
}
