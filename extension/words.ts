/** Puts words into the person's language: the English text, with `{0}`, `{1}` … for what is filled in. */
export type Translate = (text: string, ...values: (string | number)[]) => string;

export const plainWords: Translate = (text, ...values) =>
  text.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));

let translate = plainWords;

/** Set once, by the extension's start: what is pure knows no VS Code. */
export function speak(language: Translate): void {
  translate = language;
}

export const say: Translate = (text, ...values) => translate(text, ...values);
