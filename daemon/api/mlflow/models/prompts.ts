import type { Condition } from '../../../db/search.ts';
import type { VersionRow } from '../../../db/versions.ts';
import { promptFramework, promptTag, promptTextTag } from '../../../protocol/prompt.ts';
import { invalid } from '../error-handler.ts';

/** Sources that clients send for a prompt version, whose text is a tag. */
const placeholders: readonly string[] = ['dummy-source', 'prompt-template'];

/** Throws for a source that could mean bytes, which a prompt version does not have. */
export function checkPromptSource(source: string): void {
  if (placeholders.includes(source)) return;
  throw invalid(`Invalid prompt source: '${source.slice(0, 500)}'. Prompt sources must use an MLflow placeholder.`);
}

/** Throws for a tag that is the text of a prompt version, which never changes. */
export function assertTextStays({ body }: VersionRow, key: string): void {
  if (body.framework !== promptFramework || (key !== promptTextTag && key !== promptTag)) return;
  throw invalid(`The text of a prompt's version never changes (tag ${key}). Register another version.`);
}

/**
 * Returns whether a search is for prompts, and its other conditions. Prompts appear only if the search names the tag. Unlike on
 * other tags, `!= 'true'` and `= 'false'` also mean models without it.
 */
export function promptsIn(conditions: readonly Condition[]): { conditions: Condition[]; prompts: boolean } {
  const isAbout = ({ on, key }: Condition): boolean => on === 'tag' && key === promptTag;
  const hides = (one: Condition): boolean =>
    isAbout(one) && one.value === (one.operator === '!=' ? 'true' : 'false') && /^!?=$/.test(one.operator);
  const rest = conditions.filter((one) => !hides(one));
  return { conditions: rest, prompts: rest.some(isAbout) && rest.length === conditions.length };
}
