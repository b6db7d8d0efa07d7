import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the size of a bundled script and of all that it imports when it is loaded. Lazy parts do not count. */
export function scriptBytes(entry: string): number {
  const seen = new Set<string>();
  const add = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(
      /(?:^|[;}\s])(?:import|export)\s*(?:[^'"();]*?from\s*)?["'](\.[^"']+)["']/g,
    ))
      add(join(dirname(path), name));
  };
  add(entry);
  return [...seen].reduce((sum, path) => sum + readFileSync(path).length, 0);
}
