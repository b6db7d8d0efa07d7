/** The tag by which MLflow keeps prompts among models, and the one that holds a prompt's text. */
export const promptTag = 'mlflow.prompt.is_prompt';
export const promptTextTag = 'mlflow.prompt.text';

/** Whether a model is a prompt of MLflow's registry. */
export function isPrompt({ tags }: { tags: Readonly<Record<string, string>> }): boolean {
  return tags[promptTag]?.toLowerCase() === 'true';
}

/** The framework that a version of a prompt is said to be of: a prompt has no file. */
export const promptFramework = 'prompt';
