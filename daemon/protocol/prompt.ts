/** Tags by which MLflow marks a model as a prompt, and stores a prompt's text. */
export const promptTag = 'mlflow.prompt.is_prompt';
export const promptTextTag = 'mlflow.prompt.text';

/** Returns true if a model is a prompt of MLflow's registry. */
export function isPrompt({ tags }: { tags: Readonly<Record<string, string>> }): boolean {
  return tags[promptTag]?.toLowerCase() === 'true';
}

/** Framework of a prompt's versions, which have no file. */
export const promptFramework = 'prompt';
