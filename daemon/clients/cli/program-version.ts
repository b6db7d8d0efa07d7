import { readFileSync } from 'node:fs';

/** Put in place by the bundler. */
declare const PLINTH_VERSION: string | undefined;

/** Version of the program: the bundle's, else that of the package the sources lie in. */
export function programVersion(): string {
  if (typeof PLINTH_VERSION === 'string') return PLINTH_VERSION;
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
