import type { Condition } from '../../../db/search.ts';
import type { VersionRow } from '../../../db/versions.ts';
import { promptFramework, promptTag, promptTextTag } from '../../../protocol/prompt.ts';
import { invalid } from '../error-handler.ts';

/** What stands in the place of a source where a client makes a version of a prompt, whose text is a tag. */
const placeholders: readonly string[] = ['dummy-source', 'prompt-template'];

/** Throws for a source that could name bytes: a version of a prompt has none. */
export function checkPromptSource(source: string): void {
  if (placeholders.includes(source)) return;
  throw invalid(`Invalid prompt source: '${source.slice(0, 500)}'. Prompt sources must use an MLflow placeholder.`);
}

/** Throws where a tag is the text of a prompt's version, which never changes. */
export function assertTextStays({ body }: VersionRow, key: string): void {
  if (body.framework !== promptFramework || (key !== promptTextTag && key !== promptTag)) return;
  throw invalid(`The text of a prompt's version never changes (tag ${key}). Register another version.`);
}

/**
 * Whether a search is for prompts, and its other conditions. Nobody who does not ask for the tag sees prompts, and
 * `!= 'true'` and `= 'false'` on this tag mean models that lack it too, unlike on any other.
 */
export function promptsIn(conditions: readonly Condition[]): { conditions: Condition[]; prompts: boolean } {
  const isAbout = ({ on, key }: Condition): boolean => on === 'tag' && key === promptTag;
  const hides = (one: Condition): boolean =>
    isAbout(one) && one.value === (one.operator === '!=' ? 'true' : 'false') && /^!?=$/.test(one.operator);
  const rest = conditions.filter((one) => !hides(one));
  return { conditions: rest, prompts: rest.some(isAbout) && rest.length === conditions.length };
}
