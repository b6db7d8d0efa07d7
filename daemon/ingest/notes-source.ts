import { relative, sep } from 'node:path';

/** How a notes file is called in evidence: relative to the unit's folder or the run's, with `/`. */
export function sourceName(base: string, path: string): string {
  return relative(base, path).split(sep).join('/');
}
