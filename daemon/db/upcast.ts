/** An event as it stands in the log, perhaps in an older form. */
export interface StoredEvent {
  type: string;
  body: unknown;
}

/** Pure functions from an old form to the next, by the old form's type. Stored text is never rewritten. */
const upcasters: Readonly<Record<string, (body: unknown) => StoredEvent>> = {};

/** Brings a stored event to the form that this program knows. */
export function upcast(stored: StoredEvent): StoredEvent {
  let event = stored;
  for (let step = upcasters[event.type]; step; step = upcasters[event.type]) event = step(event.body);
  return event;
}
