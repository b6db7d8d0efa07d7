let known: Readonly<Record<string, string>> = {};

/** From now on texts are said in these words. */
export function speak(words: Readonly<Record<string, string>>): void {
  known = words;
}

/** A text in the person's language; `{0}`, `{1}` are filled in. */
export function say(text: string, ...values: (string | number)[]): string {
  const said = Object.hasOwn(known, text) ? known[text] : undefined;
  return (said ?? text).replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}
