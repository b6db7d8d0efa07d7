import picomatch from 'picomatch';

const most = 1000;
const known = new Map<string, (text: string) => boolean>();

/** Returns true if a text matches a glob of a policy or scope; `*` matches any characters except a slash. Globs are compiled once. */
export function matches(text: string, glob: string): boolean {
  const found = known.get(glob);
  if (found) return found(text);
  const test = picomatch(glob, { noextglob: true, nonegate: true, dot: true });
  if (known.size >= most) known.clear();
  known.set(glob, test);
  return test(text);
}
