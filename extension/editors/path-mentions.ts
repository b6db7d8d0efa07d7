import { findLoadCalls } from '../../daemon/shared/load-code.ts';

/** Languages in which references to models are recognized, by the editor's id. */
export const languages = ['python', 'yaml', 'json', 'jsonc', 'toml', 'shellscript', 'dockerfile', 'markdown'];

const maxLookedBytes = 2_000_000;

/** True for documents that mention models. Every opened document is tested. Pure; no VS Code here. */
export function mentionsModels(text: string, language: string): boolean {
  if (text.length > maxLookedBytes) return text.includes('models:/');
  return text.includes('models:/') || (language === 'python' && findLoadCalls(text).next().done === false);
}
