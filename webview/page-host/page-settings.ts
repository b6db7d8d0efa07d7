import { isObject, type Json } from '../../daemon/protocol/json.ts';

/** What a person set on pages, such as the width of a column, by a key that names the setting and its model. */
export type KeptSettings = Readonly<Record<string, Json>>;

const [maxSettings, maxKey, maxValue] = [200, 400, 20_000];

/** Returns the settings with one set anew; null removes it. The oldest are forgotten, and what is too large is not kept. */
export function withKept(all: KeptSettings, key: string, value: Json): KeptSettings {
  if (key.length > maxKey || JSON.stringify(value).length > maxValue) return all;
  const others = Object.entries(all).filter(([name]) => name !== key);
  const next: [string, Json][] = value === null ? others : [...others, [key, value]];
  return Object.fromEntries(next.slice(-maxSettings));
}

/** Reads settings that a program stored as text; none from anything else. */
export function parseKept(text: string | null): KeptSettings {
  try {
    const found: unknown = JSON.parse(text ?? '{}');
    return isObject(found) ? (found as Record<string, Json>) : {};
  } catch {
    return {};
  }
}
