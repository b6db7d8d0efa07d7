import { findLoadCalls } from '../../daemon/shared/load-code.ts';

/** Languages that references to models are looked for in, by the editor's id. */
export const languages = ['python', 'yaml', 'json', 'jsonc', 'toml', 'shellscript', 'dockerfile', 'markdown'];

const maxLookedBytes = 2_000_000;

/** True for documents that have to do with models. Every opened document is tested. Pure; no VS Code here. */
export function mentionsModels(text: string, language: string): boolean {
  if (text.length > maxLookedBytes) return text.includes('models:/');
  return text.includes('models:/') || (language === 'python' && findLoadCalls(text).next().done === false);
}
