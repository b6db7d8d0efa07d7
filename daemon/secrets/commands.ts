import { secretArguments } from './arguments.ts';
import { programs } from './programs.ts';
import { lineEnd, readingOf } from './reading.ts';
import type { Span } from './span.ts';

const names = [...new Set(programs.flatMap((one) => one.names))].map((name) =>
  name.replaceAll(/[.+]/g, String.raw`\$&`),
);
const begins = new RegExp(String.raw`(?<![\w.-])(?:${names.join('|')})(?=["',]{0,3}[ \t])`, 'g');
/** A word of a command line, quoted or not; also one in a Python list. */
const argument = /"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|[^\s"';&|,]+/g;
const longest = 4000;

/** Finds secrets in command lines within a text, for programs that are known to take them so: `mysql -pword`, `curl -u bob:word`. */
export function secretsInCommands(text: string): Span[] {
  const reading = readingOf(text);
  const found: Span[] = [];
  const search = new RegExp(begins);
  for (let hit = search.exec(text); hit; hit = search.exec(text)) {
    const begin = /["']/.test(text[hit.index - 1] ?? '') ? hit.index - 1 : hit.index;
    const end = Math.min(lineEnd(reading, begin), begin + longest);
    const words = [...text.slice(begin, end).matchAll(argument)];
    const values = words.map((word) => word[1] ?? word[2] ?? word[0]);
    for (const { index, from } of secretArguments(values)) {
      const word = words[index]!;
      const quote = word[0] === values[index] ? 0 : 1;
      const start = begin + word.index + quote;
      found.push({ start: start + from, end: start + values[index]!.length });
    }
    search.lastIndex = Math.max(end, hit.index + 1);
  }
  return found;
}
