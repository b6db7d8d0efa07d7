/** One simple command of a shell line: its words without quotes and redirections. */
export interface ShellCommand {
  words: string[];
}

const token = /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([;|&()`\n]+|\$\()|([<>]+&?)|([^\S\n]+)|([^])/g;
const deepest = 3;

/**
 * Returns the simple commands of a line, and those in quoted texts of several words (`sh -c "./check.sh 8"`). Approximate, as
 * nothing is expanded.
 */
export function commandsIn(line: string, depth = 0): ShellCommand[] {
  const commands: ShellCommand[] = [];
  const quoted: string[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let skipsNext = false;
  const endWord = (): void => {
    if (word === undefined) return;
    if (!skipsNext) words.push(word);
    skipsNext = false;
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push({ words });
    words = [];
    skipsNext = false;
  };
  for (const [, double, single, escaped, operator, redirection, space, other] of line.matchAll(token)) {
    const inside = double?.replaceAll(/\\([\\"$`])/g, '$1') ?? single;
    if (inside !== undefined && /[\s;|&(`]/.test(inside)) quoted.push(inside);
    if (operator !== undefined) endCommand();
    else if (space !== undefined) endWord();
    else if (redirection !== undefined) {
      endWord();
      skipsNext = redirection.includes('>');
    } else word = (word ?? '') + (inside ?? escaped ?? other ?? '');
  }
  endCommand();
  if (depth >= deepest) return commands;
  return [...commands, ...quoted.flatMap((text) => commandsIn(text, depth + 1))];
}
