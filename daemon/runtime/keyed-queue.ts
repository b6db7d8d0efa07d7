/** Work in progress by key. Work with the same key runs one after another, in the order of requests. */
export type Turns = Map<string, Promise<void>>;

export function inTurn(turns: Turns, key: string, act: () => Promise<void>): Promise<void> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(act);
  const settled = mine.then(
    () => undefined,
    () => undefined,
  );
  turns.set(key, settled);
  void settled.then(() => {
    if (turns.get(key) === settled) turns.delete(key);
  });
  return mine;
}
