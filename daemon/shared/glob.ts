import picomatch from 'picomatch';

const most = 1000;
const known = new Map<string, (text: string) => boolean>();

/** True where a text fits a glob of a rule or a right: `*` stands for any characters but a slash. Globs are compiled once. */
export function matches(text: string, glob: string): boolean {
  const found = known.get(glob);
  if (found) return found(text);
  const test = picomatch(glob, { noextglob: true, nonegate: true, dot: true });
  if (known.size >= most) known.clear();
  known.set(glob, test);
  return test(text);
}
