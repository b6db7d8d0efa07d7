import type { Condition } from '../../db/search.ts';

/** The tag by which MLflow keeps prompts in its model registry. */
const promptTag = 'mlflow.prompt.is_prompt';

/**
 * Whether a search is for prompts, and its other conditions. Nobody who does not ask for the tag sees prompts, and
 * `!= 'true'` on this tag means models that lack it too, unlike on any other.
 */
export function promptsIn(conditions: readonly Condition[]): { conditions: Condition[]; prompts: boolean } {
  const isAbout = ({ on, key }: Condition): boolean => on === 'tag' && key === promptTag;
  const hides = (one: Condition): boolean => isAbout(one) && one.operator === '!=' && one.value === 'true';
  const rest = conditions.filter((one) => !hides(one));
  return { conditions: rest, prompts: rest.some(isAbout) && rest.length === conditions.length };
}
