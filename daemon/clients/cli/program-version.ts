import { readFileSync } from 'node:fs';

/** Defined by the bundler. */
declare const PLINTH_VERSION: string | undefined;

/** Returns the program's version: the bundle's, else that in the sources' package.json. */
export function programVersion(): string {
  if (typeof PLINTH_VERSION === 'string') return PLINTH_VERSION;
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
