/** `churn@7`, `churn@v7`, `churn@production`, `churn@@champion`, `churn` (the latest) → its two parts. */
export function splitReference(reference: string): { model: string; version: string | undefined } {
  const at = reference.indexOf('@');
  if (at < 0) return { model: reference, version: undefined };
  return { model: reference.slice(0, at), version: reference.slice(at + 1) };
}
