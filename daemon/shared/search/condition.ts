/** Without any of these a text is no filter but words to look for. */
const operators = /[<>=~]|\b(in|is)\b/i;

/** True for a filter such as `val_auc > 0.9`, false for words. Every box that takes both decides by this. */
export function isCondition(text: string): boolean {
  return operators.test(text);
}
