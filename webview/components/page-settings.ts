import type { Json } from '../../daemon/protocol/json.ts';

/** The event by which a part of the page asks to remember a setting. */
export const keepEvent = 'plinth-keep';

export interface KeptSetting {
  key: string;
  /** Null forgets it. */
  value: Json;
}

/** The page element, which has the settings that its host remembers. */
export interface KeepingPage extends HTMLElement {
  kept: Readonly<Record<string, Json>>;
}

/** Returns a setting that was remembered; undefined for none. */
export function keptOf(part: HTMLElement, key: string): Json | undefined {
  const all = part.closest<KeepingPage>('plinth-page')?.kept ?? {};
  return Object.hasOwn(all, key) ? all[key] : undefined;
}

/** Lets the host remember a setting, also for other pages of the same model. */
export function keep(part: HTMLElement, key: string, value: Json): void {
  part.dispatchEvent(new CustomEvent<KeptSetting>(keepEvent, { detail: { key, value }, bubbles: true }));
}
