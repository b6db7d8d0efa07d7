import type { Context } from '../context.ts';
import { widthOf } from './instance-file.ts';

/** Conditions that need attention although the service works: shown in the status, and logged once. */
export interface Warnings {
  all(): string[];
  /** Sets the warning about a subject; undefined removes it. */
  say(subject: string, text: string | undefined): void;
}

export function warningsOf(ctx: Context, dataFolder: string): Warnings {
  const said = new Map<string, string>();
  const say = (subject: string, text: string | undefined): void => {
    if (text === undefined) return void said.delete(subject);
    if (said.get(subject) !== text) ctx.log.warn('something needs a look', { subject, text });
    said.set(subject, text);
  };
  say('rights', widthOf(dataFolder));
  return { all: () => [...said.values()], say };
}
