import * as vscode from 'vscode';
import type { Extension } from '../context.ts';
import type { LanguageModelTools } from './language-model-tools.ts';

/**
 * Registers the tools that the manifest declares for the language models of the editor, the same as those of `plinth mcp`. Their code
 * is loaded with the first call. Does nothing in a host without such tools.
 */
export function registerTools(extension: Extension): vscode.Disposable {
  // A host that is not VS Code may lack this part of the API.
  const host = vscode.lm as typeof vscode.lm | undefined;
  if (typeof host?.registerTool !== 'function') return new vscode.Disposable(() => undefined);
  let loaded: Promise<LanguageModelTools> | undefined;
  const tools = (): Promise<LanguageModelTools> => (loaded ??= load(extension));
  const registered = declaredTools(extension).map((name) =>
    host.registerTool<Record<string, unknown>>(name, {
      prepareInvocation: async ({ input }) => (await tools()).prepare(name, input),
      invoke: async ({ input }) => (await tools()).invoke(name, input),
    }),
  );
  return vscode.Disposable.from(...registered);
}

function declaredTools({ context }: Extension): string[] {
  const { contributes } = context.extension.packageJSON as {
    contributes: { languageModelTools?: readonly { name: string }[] };
  };
  return (contributes.languageModelTools ?? []).map(({ name }) => name);
}

async function load(extension: Extension): Promise<LanguageModelTools> {
  const { LanguageModelTools: Tools } = await import('./language-model-tools.ts');
  return new Tools(extension.service);
}
